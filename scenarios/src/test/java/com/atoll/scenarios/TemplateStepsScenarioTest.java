package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Steps of a template's build that have a user, a folder and variables of their own, or copy. */
@Tag("fast")
@Tag("all")
final class TemplateStepsScenarioTest {
  private final Given given = new Given();
  private final HttpClient http = HttpClient.newHttpClient();

  private static Map<String, Object> spec(Object... steps) {
    return Map.of("from", "blank", "size", "xs", "steps", List.of(steps));
  }

  private int upload(String url, byte[] content) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url)).PUT(BodyPublishers.ofByteArray(content)).build();
    return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private static byte[] zip(String name, String content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry(name));
      zip.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  @Test
  void aStepRunsWhereAndAsWhomItSays() {
    Map<String, Object> spec =
        spec(
            Map.of("run", "useradd -m app"),
            Map.of(
                "run",
                "echo $(id -un) $(pwd) $COLOR > made",
                "user",
                "app",
                "workdir",
                "/srv/app",
                "env",
                Map.of("COLOR", "red")),
            Map.of("run", "echo $(id -un) $(pwd) [$COLOR] > /plain"));
    try (Template template = Template.made(given.api, spec)) {
      template.built("ready");
      try (Sandbox sandbox = given.aSandbox().with("template_id", template.id()).running()) {
        assertEquals("app /srv/app red", sandbox.run("cat /srv/app/made"));
        assertEquals("root /workspace []", sandbox.run("cat /plain"));
      }
    }
  }

  @Test
  void theAppOfATemplateStartsWhereAndAsWhomItSays() {
    Map<String, Object> spec =
        Map.of(
            "from",
            "blank",
            "size",
            "xs",
            "steps",
            List.of(Map.of("run", "useradd -m app", "user", "root", "workdir", "/")),
            "user",
            "app",
            "workdir",
            "/home/app",
            "startCmd",
            "echo $(id -un) $(pwd) > /tmp/started; exec sleep 600",
            "readyCmd",
            "test -s /tmp/started");
    try (Template template = Template.made(given.api, spec)) {
      template.built("ready");
      try (Sandbox sandbox = given.aSandbox().with("template_id", template.id()).running()) {
        Reply started = given.api.post(sandbox.at("/template/start"), Map.of()).expect(200);
        assertEquals("running", started.string("status"), started::toString);
        assertEquals("app /home/app", sandbox.run("cat /tmp/started"));
      }
    }
  }

  @Test
  void uploadedFilesAreCopied() throws Exception {
    String name = Given.unique("files");
    Map<String, Object> asked = Map.of("name", name);
    Reply link = given.api.post("/sandbox-template-files", asked).expect(200);
    assertFalse(link.json().path("present").asBoolean());
    String url = link.string("upload_url");
    assertEquals(404, upload(url + "x", zip("a", "b")));
    assertEquals(200, upload(url, zip("src/word", "uploaded")));
    Reply there = given.api.post("/sandbox-template-files", asked).expect(200);
    assertTrue(there.json().path("present").asBoolean());
    assertTrue(there.json().path("size_bytes").asLong() > 0);
    Reply theirs = given.stranger.post("/sandbox-template-files", asked).expect(200);
    assertFalse(theirs.json().path("present").asBoolean());
    Map<String, Object> copy = Map.of("files", name, "from", "src", "to", "/opt/src/");
    Map<String, Object> spec = spec(Map.of("copy", copy, "name", "mine"), Map.of("run", "true"));
    try (Template template = Template.made(given.api, spec);
        Template stranger = Template.made(given.stranger, spec)) {
      JsonNode build = template.built("ready");
      assertEquals("mine", build.path("build_spec").path("steps").path(0).path("name").asString());
      JsonNode failed = stranger.built("failed");
      assertEquals("BUILD_FILES_MISSING", failed.path("error_code").asString());
      try (Sandbox sandbox = given.aSandbox().with("template_id", template.id()).running()) {
        assertEquals("uploaded", sandbox.run("cat /opt/src/word"));
      }
      String log = "/sandbox-template-builds/" + build.path("id").asString() + "/logs";
      JsonNode first = given.api.get(log + "?limit=2").expect(200).json();
      assertEquals(2, first.path("lines").size());
      JsonNode rest = given.api.get(log + "?from_line=2").expect(200).json();
      assertTrue(rest.path("lines").toString().contains("READY"), rest::toString);
      assertEquals(rest.path("next_line").asInt(), 2 + rest.path("lines").size(), rest::toString);
      given.stranger.get(log).expectError(404, "NOT_FOUND");
    }
  }

  @Test
  void filesAreCopiedAsTheyWereWhenTheBuildBegan() throws Exception {
    String name = Given.unique("files");
    Reply link = given.api.post("/sandbox-template-files", Map.of("name", name)).expect(200);
    String url = link.string("upload_url");
    assertEquals(200, upload(url, zip("word", "first")));
    Map<String, Object> copy = Map.of("files", name, "from", "word", "to", "/word");
    Map<String, Object> spec = spec(Map.of("run", "sleep 8", "fresh", true), Map.of("copy", copy));
    try (Template template = Template.made(given.api, spec)) {
      String log = "/sandbox-template-builds/" + template.build().path("id").asString() + "/logs";
      Given.eventually(
          120,
          "its first step runs",
          () -> given.api.get(log).json().path("lines").toString().contains("STEP 1"));
      assertEquals(200, upload(url, zip("word", "second")));
      template.built("ready");
      try (Sandbox sandbox = given.aSandbox().with("template_id", template.id()).running()) {
        assertEquals("first", sandbox.run("cat /word"));
      }
    }
  }

  @Test
  void idsOfBuildsAreTheCallersWhenTheyAreGood() {
    Map<String, Object> plain = spec(Map.of("run", "true"));
    for (String bad : List.of("x", "bld_x", "tpl_" + "0".repeat(26), "bld_" + "0".repeat(26))) {
      given
          .api
          .post(
              "/sandbox-templates",
              Map.of("name", Given.unique("tpl"), "build_spec", plain, "build_id", bad))
          .expectFieldError("build_id");
    }
  }

  @Test
  void wrongStepsAreNamed() {
    Map<String, Object> copy = Map.of("files", "a", "from", "b", "to", "/c");
    List<Map<String, Object>> wrong =
        List.of(
            Map.of("run", "true", "copy", copy),
            Map.of("run", "true", "user", "a b"),
            Map.of("run", "true", "workdir", "relative"),
            Map.of("run", "true", "env", Map.of("1 A", "x")),
            Map.of("run", "true", "name", "x".repeat(65)),
            Map.of("copy", Map.of("files", "a", "from", "b")),
            Map.of("copy", Map.of("files", "../a", "from", "b", "to", "/c")),
            Map.of("copy", Map.of("files", "a", "from", "../b", "to", "/c")),
            Map.of("copy", Map.of("files", "a", "from", "/b", "to", "/c")),
            Map.of("copy", Map.of("files", "a", "from", "b", "to", "/c/../d")),
            Map.of("copy", Map.of("files", "a", "from", "b", "to", "/c", "owner", "a;b")),
            Map.of("copy", Map.of("files", "a", "from", "b", "to", "/c", "mode", "u+x")));
    for (Map<String, Object> step : wrong) {
      Reply refused =
          given
              .api
              .post("/sandbox-templates/validate", Map.of("build_spec", spec(step)))
              .expectError(422, "INVALID_BUILDSPEC");
      assertTrue(
          refused.json().path("errors").path(0).path("field").asString().startsWith("steps[0]"),
          refused::toString);
    }
  }
}
