package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Templates of an organization: made, built, used, changed, deleted. */
@Tag("fast")
@Tag("all")
@Tag("waits")
final class TemplatesScenarioTest {
  private final Given given = new Given();

  @Test
  void aTemplateIsBuiltAndSandboxesStartFromIt() {
    Map<String, Object> spec =
        Map.of(
            "from",
            "blank",
            "steps",
            List.of(Map.of("run", "echo $COLOR > made"), Map.of("run", "mkdir -p /opt/tool")),
            "env",
            Map.of("COLOR", "green"),
            "startCmd",
            "exec python3 -m http.server $PORT",
            "readyCmd",
            "curl -fsS http://127.0.0.1:8311/",
            "previewPort",
            8311);
    try (Template template = Template.made(given.api, spec)) {
      JsonNode build = template.built("ready");
      assertEquals("command", build.path("certification").path("probe").asString());
      assertEquals(
          List.of("queued", "building", "certifying", "snapshotting", "ready"),
          build
              .path("metadata")
              .path("events")
              .valueStream()
              .map(event -> event.path("event").asString())
              .toList());
      Reply row = given.api.get("/sandbox-templates/" + template.slug()).expect(200);
      assertEquals("ready", row.string("status"));
      assertEquals(build.path("id").asString(), row.string("current_build_id"));
      for (String reference : List.of(template.id(), template.slug())) {
        try (Sandbox sandbox = given.aSandbox().with("template_id", reference).running()) {
          assertEquals("green", sandbox.run("cat /workspace/made"));
          assertEquals("green", sandbox.run("echo $COLOR"));
          assertEquals(template.id(), given.api.get(sandbox.at("")).string("template_id"));
          template.api().delete(template.at("")).expectError(409, "TEMPLATE_IN_USE");
        }
      }
      try (Sandbox sandbox = given.aSandbox().with("template_id", template.id()).running()) {
        sandbox.run("echo more > kept");
        given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
        assertEquals("green\nmore", sandbox.run("cat made kept"));
      }
      Given.eventually(
          30,
          "a machine is warm, since it was asked for",
          () -> given.api.get(template.at("")).json().path("warm").asInt() > 0);
      Reply warm =
          given
              .api
              .post("/sandboxes", Map.of("size", "xs", "template_id", template.id()))
              .expect(201);
      try (Sandbox sandbox = new Sandbox(given.api, warm.string("id"), warm.string("slug"))) {
        assertEquals("warm_pool", warm.string("boot_path"));
        assertEquals("green", sandbox.run("cat made"));
      }
    }
  }

  @Test
  void theLogIsFollowedAndResumed() throws IOException {
    // Steps that were done before are not done again, and say nothing.
    String first = Given.unique("first");
    Map<String, Object> spec = Template.steps("echo " + first, "echo last");
    try (Template template = Template.made(given.api, spec)) {
      String id = template.build().path("id").asString();
      String whole = log(id, Map.of());
      assertTrue(whole.contains("\"line\":\"" + first + "\""), whole);
      assertTrue(whole.contains("\"line\":\"last\""), whole);
      assertTrue(whole.stripTrailing().endsWith("\"state\":\"ready\"}"), whole);
      // Whoever was told so makes sandboxes of it at once.
      given.aSandbox().with("template_id", template.id()).running().close();
      String from =
          whole
              .lines()
              .takeWhile(line -> !line.contains("\"line\":\"" + first + "\""))
              .filter(line -> line.startsWith("id: "))
              .reduce("", (before, line) -> line.substring(4));
      String rest = log(id, Map.of("Last-Event-ID", from));
      assertTrue(rest.contains("\"line\":\"last\""), rest);
      assertTrue(rest.length() == whole.length() || !rest.contains("FROM blank"), rest);
    }
  }

  private String log(String build, Map<String, String> headers) throws IOException {
    try (InputStream events =
        given
            .api
            .open("GET", "/sandbox-template-builds/" + build + "/logs/stream", headers)
            .body()) {
      return new String(events.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aBuildIsCancelledAndItsLogStays() throws IOException {
    String begun = Given.unique("begun");
    try (Template template =
        Template.made(given.api, Template.steps("echo " + begun + "; sleep 1000"))) {
      String build = template.build().path("id").asString();
      Given.eventually(
          60, "it runs", () -> template.build().path("state").asString().equals("building"));
      String cancel = "/sandbox-template-builds/" + build + "/cancel";
      given.stranger.post(cancel, Map.of()).expectError(404, "NOT_FOUND");
      assertEquals("cancelled", given.api.post(cancel, Map.of()).expect(200).string("state"));
      assertEquals("cancelled", given.api.post(cancel, Map.of()).expect(200).string("state"));
      assertTrue(log(build, Map.of()).stripTrailing().endsWith("\"state\":\"cancelled\"}"));
      // What is left of it stands in nobody's way.
      Map<String, Object> better = Map.of("build_spec", Template.steps("true"));
      given.api.post(template.at("/builds"), better).expect(201);
      String next = template.built("ready").path("id").asString();
      given
          .api
          .post("/sandbox-template-builds/" + next + "/cancel", Map.of())
          .expectError(409, "CONFLICT");
    }
  }

  @Test
  void aBuildThatFailsSaysWhyAndIsNoTemplate() {
    try (Template template = Template.made(given.api, Template.steps("true", "echo no; exit 7"))) {
      JsonNode build = template.built("failed");
      assertEquals("BUILD_STEP_FAILED", build.path("error_code").asString());
      assertTrue(build.path("error_message").asString().contains("step 2 ended with 7"));
      assertEquals("failed", given.api.get(template.at("")).string("status"));
      given
          .api
          .post("/sandboxes", Map.of("template_id", template.id()))
          .expectError(409, "TEMPLATE_NOT_READY");
      Map<String, Object> better = Map.of("build_spec", Template.steps("true", "echo yes"));
      given.api.post(template.at("/builds"), better).expect(201);
      template.built("ready");
      given.aSandbox().with("template_id", template.id()).running().close();
      given
          .api
          .post(template.at("/builds"), Map.of("build_spec", Template.steps("false")))
          .expect(201);
      template.built("failed");
      // The last good one is what it is.
      assertEquals("ready", given.api.get(template.at("")).string("status"));
      given.aSandbox().with("template_id", template.id()).running().close();
    }
  }

  @Test
  void aTemplateStandsOnAnother() {
    try (Template lower = Template.made(given.api, Template.steps("echo low > /low"))) {
      lower.built("ready");
      Map<String, Object> spec =
          Map.of("from", lower.slug(), "steps", List.of(Map.of("run", "cat /low > /high")));
      Template upper = Template.made(given.api, spec);
      upper.built("ready");
      try (Sandbox sandbox = given.aSandbox().with("template_id", upper.id()).running()) {
        assertEquals("low", sandbox.run("cat /high"));
      }
      Reply used = given.api.delete(lower.at("")).expectError(409, "TEMPLATE_IN_USE");
      assertEquals(1, used.json().path("error").path("builds").asInt());
      Given.eventually(
          10,
          "what nothing stands on is deleted",
          () -> given.api.delete(upper.at("")).status() == 204);
    }
  }

  @Test
  void specificationsAreChecked() {
    Reply schema = given.api.get("/sandbox-templates/build-spec").expect(200);
    assertTrue(schema.json().path("schema").path("properties").has("previewPort"));
    Map<String, Object> good = Map.of("build_spec", Map.of("from", "blank"));
    Reply valid = given.api.post("/sandbox-templates/validate", good).expect(200);
    assertTrue(valid.json().path("valid").asBoolean());
    assertEquals("root", valid.json().path("build_spec").path("user").asString());
    Map<String, Object> bad =
        Map.of(
            "size",
            "huge",
            "steps",
            List.of(Map.of()),
            "previewPort",
            70000,
            "user",
            "a b",
            "workdir",
            "x",
            "env",
            Map.of("a=b", "c"),
            "packages",
            List.of("-f"));
    Reply refused =
        given
            .api
            .post("/sandbox-templates/validate", Map.of("build_spec", bad))
            .expectError(422, "INVALID_BUILDSPEC");
    Set<String> fields =
        refused
            .json()
            .path("errors")
            .valueStream()
            .map(error -> error.path("field").asString())
            .collect(Collectors.toSet());
    assertEquals(
        Set.of("from", "size", "steps[0]", "previewPort", "user", "workdir", "env.a=b", "packages"),
        fields);
    Map<String, Object> forbidden = Map.of("build_spec", Map.of("from", "169.254.169.254/x:1"));
    Reply registry = given.api.post("/sandbox-templates/validate", forbidden);
    registry.expectError(422, "INVALID_BUILDSPEC");
    assertEquals(
        "REGISTRY_NOT_ALLOWED", registry.json().path("errors").path(0).path("code").asString());
    Map<String, Object> nowhere = Map.of("build_spec", Map.of("from", "no-such-template"));
    given.api.post("/sandbox-templates/validate", nowhere).expectError(422, "INVALID_BUILDSPEC");
    given.api.post("/sandbox-templates", Map.of("name", "x")).expectFieldError("build_spec");
  }

  @Test
  void aRepeatedCreateMakesOneTemplateAndNamesAreTaken() {
    String key = Given.unique("key");
    String name = Given.unique("twice");
    Map<String, Object> body = Map.of("name", name, "build_spec", Template.steps());
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Reply reply =
          given
              .api
              .json("POST", "/sandbox-templates", body, Map.of("Idempotency-Key", key))
              .expect(201);
      ids.add(reply.string("id"));
    }
    assertEquals(ids.get(0), ids.get(1));
    given.api.post("/sandbox-templates", body).expectFieldError("slug");
    Map<String, Object> builtIn =
        Map.of("name", name, "slug", "fastapi", "build_spec", Template.steps());
    given.api.post("/sandbox-templates", builtIn).expectFieldError("slug");
    Reply changed =
        given
            .api
            .json(
                "PATCH",
                "/sandbox-templates/" + ids.getFirst(),
                Map.of("description", "new"),
                Map.of())
            .expect(200);
    assertEquals("new", changed.string("description"));
    given.api.delete("/sandbox-templates/" + ids.getFirst()).expect(204);
    given.api.delete("/sandbox-templates/" + ids.getFirst()).expectError(404, "TEMPLATE_NOT_FOUND");
    given.api.delete("/sandbox-templates/blank").expectError(403, "FORBIDDEN");
  }

  @Test
  void nobodyElseSeesOrUsesATemplate() {
    try (Template template = Template.made(given.api, Template.steps("echo secret > /secret"))) {
      String build = template.built("ready").path("id").asString();
      assertFalse(given.stranger.get("/sandbox-templates").text().contains(template.id()));
      for (String reference : List.of(template.id(), template.slug(), build)) {
        given
            .stranger
            .post("/sandboxes", Map.of("template_id", reference))
            .expectError(404, "TEMPLATE_NOT_FOUND");
        given
            .stranger
            .post("/sandbox-templates/validate", Map.of("build_spec", Map.of("from", reference)))
            .expectError(422, "INVALID_BUILDSPEC");
      }
      given.stranger.get("/sandbox-template-builds/" + build).expectError(404, "NOT_FOUND");
      given
          .api
          .post("/sandboxes", Map.of("template_id", build))
          .expectError(404, "TEMPLATE_NOT_FOUND");
    }
  }

  @Test
  void builtInTemplatesAreListed() {
    JsonNode rows = given.api.get("/sandbox-templates").expect(200).json();
    assertEquals("miosa-sandbox", rows.path("default_template_id").asString());
    Set<String> ids =
        rows.path("data")
            .valueStream()
            .filter(row -> row.path("built_in").asBoolean())
            .map(row -> row.path("id").asString())
            .collect(Collectors.toSet());
    assertTrue(ids.containsAll(List.of("blank", "static", "fastapi", "vite-react")), ids::toString);
    assertEquals("vite-react", given.api.get("/sandbox-templates/react-vite").string("id"));
    String builds = "/sandbox-templates/miosa-sandbox/builds";
    assertEquals(0, given.api.get(builds).expect(200).json().path("data").size());
    given.api.post(builds, Map.of()).expect(403);
    try (Sandbox sandbox = given.aSandbox().with("template_id", "static").running()) {
      assertTrue(sandbox.run("cat index.html").contains("Hello"));
    }
  }
}
