package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.TemplateBuild;
import com.atoll.platform.Installation;
import com.atoll.server.identity.Organizations;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import com.atoll.server.testing.Installations;
import com.atoll.server.testing.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Builds that are ended before their time, and names of templates that nobody made. */
final class TemplateBuildsTest {
  private static final String SPEC = "\"build_spec\":{\"from\":\"docker.io/library/debian:13\"}";

  private Installation installation;
  private MemoryNode node;
  private Platform platform;
  private ApiClient api;

  @BeforeEach
  void begin() throws Exception {
    Installation database = TestPostgres.get().installation();
    Path folder = Files.createTempDirectory(Path.of("/tmp"), "atoll-run");
    Files.createSymbolicLink(folder.resolve("pg"), database.run().resolve("pg"));
    installation = Installations.in(database.home(), folder);
    node = new MemoryNode(installation.nodeSocket());
    platform = new Platform(installation);
    platform.start();
    await(() -> ApiClient.at(installation.serverSocket()).get("/readyz").status() == 200);
    api = someone();
  }

  @AfterEach
  void end() throws Exception {
    platform.close();
    node.close();
    try (Stream<Path> left = Files.list(installation.run())) {
      for (Path path : left.toList()) {
        Files.delete(path);
      }
    }
    Files.delete(installation.run());
  }

  private ApiClient someone() {
    String key = new Organizations(platform.store()).create("org " + UUID.randomUUID()).value();
    return ApiClient.at(installation.serverSocket()).as(key);
  }

  private static void await(BooleanSupplier so) {
    long end = System.nanoTime() + 60_000_000_000L;
    while (!so.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "not in time");
      LockSupport.parkNanos(5_000_000);
    }
  }

  private String template() {
    Answer made = api.post("/sandbox-templates", "{\"name\":\"t\"," + SPEC + "}");
    assertEquals(201, made.status(), made.text());
    return made.json().path("id").asString();
  }

  private JsonNode newestBuild(String template) {
    return api.get("/sandbox-templates/" + template + "/builds").json().path("data").get(0);
  }

  private boolean isOnNode(String build, String state) {
    TemplateBuild there = node.builds.get(build);
    return there != null && there.getState().equals(state);
  }

  @Test
  void aBuildIsCancelledOnceAndForAll() {
    String template = template();
    String build = newestBuild(template).path("id").asString();
    await(() -> newestBuild(template).path("state").asString().equals("building"));
    String cancel = "/sandbox-template-builds/" + build + "/cancel";
    assertEquals(404, someone().post(cancel, "").status());
    JsonNode first = api.post(cancel, "").json().path("data");
    assertEquals("cancelled", first.path("state").asString());
    assertEquals("BUILD_CANCELLED", first.path("error_code").asString());
    assertTrue(first.hasNonNull("finished_at") && first.hasNonNull("started_at"), first::toString);
    await(() -> isOnNode(build, "cancelled"));
    Answer again = api.post(cancel, "{}");
    assertEquals(200, again.status(), again.text());
    assertEquals(first.path("finished_at"), again.json().path("data").path("finished_at"));
    assertEquals(
        List.of("building", "cancelled"),
        first
            .path("metadata")
            .path("events")
            .valueStream()
            .map(event -> event.path("event").asString())
            .toList());
    JsonNode row = api.get("/sandbox-templates/" + template).json().path("data");
    assertEquals("failed", row.path("status").asString());
    assertEquals(204, api.delete("/sandbox-templates/" + template).status());
  }

  @Test
  void oneThatTheNodeBeganAfterItWasCancelledIsCalledOffThere() {
    String template = template();
    String build = newestBuild(template).path("id").asString();
    await(() -> newestBuild(template).path("state").asString().equals("building"));
    api.post("/sandbox-template-builds/" + build + "/cancel", "");
    await(() -> isOnNode(build, "cancelled"));
    node.builds.put(build, TemplateBuild.newBuilder().setId(build).setState("building").build());
    await(() -> {
      platform.workloads().watch().reconcileSoon();
      return isOnNode(build, "cancelled");
    });
    assertEquals("cancelled", newestBuild(template).path("state").asString());
  }

  @Test
  void oneThatHasEndedIsNotCancelled() {
    String template = template();
    String build = newestBuild(template).path("id").asString();
    await(() -> isOnNode(build, "building"));
    node.builds.put(build, TemplateBuild.newBuilder().setId(build).setState("failed").build());
    await(() -> {
      platform.workloads().watch().reconcileSoon();
      return newestBuild(template).path("state").asString().equals("failed");
    });
    Answer refused = api.post("/sandbox-template-builds/" + build + "/cancel", "");
    assertEquals(409, refused.status(), refused.text());
    assertEquals("CONFLICT", refused.code());
  }

  @Test
  void idsThatClientsSendUnaskedStandForTheUsualTemplate() {
    for (String sent : List.of("python-3.12", "python-3.9", "Python-3.13.1", "python-3")) {
      Answer made = api.post("/sandboxes", "{\"template_id\":\"" + sent + "\"}");
      assertEquals(201, made.status(), made.text());
      assertEquals("miosa-sandbox", made.json().path("template_id").asString());
      api.delete("/sandboxes/" + made.json().path("id").asString());
    }
    Answer adk = api.post("/sandboxes", "{\"template_id\":\"debian-12-sandbox-v8\"}");
    assertEquals(201, adk.status(), adk.text());
    api.delete("/sandboxes/" + adk.json().path("id").asString());
  }

  @Test
  void anImageOfARegistryIsNoTemplateAndTheAnswerSaysHowToMakeOne() {
    for (String sent : List.of("ghcr.io/x/y:1", "python:3.12", "a b", "python-4.1")) {
      Answer refused = api.post("/sandboxes", "{\"template_id\":\"" + sent + "\"}");
      assertEquals(404, refused.status(), refused.text());
      assertEquals("TEMPLATE_NOT_FOUND", refused.code());
      assertTrue(refused.text().contains("POST /sandbox-templates"), refused.text());
    }
  }
}
