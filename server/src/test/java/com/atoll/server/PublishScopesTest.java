package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What of a sandbox leaves it by another capability needs the scopes of the sandbox. */
final class PublishScopesTest {
  private static final String COMMANDS =
      "{\"name\":\"c\",\"run_command\":\"id > /workspace/who; exec serve $PORT\"}";

  private PlatformWithNode running;
  private ApiClient owner;
  private String sandbox;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    owner = running.someone();
    sandbox = made("/sandboxes", "{}").path("id").asString();
    running.node().filesOf(sandbox).put("/workspace/dist/index.html", "one");
  }

  @AfterEach
  void end() throws Exception {
    running.close();
  }

  private JsonNode made(String path, String body) {
    return ok(owner.post(path, body));
  }

  private static JsonNode ok(Answer answer) {
    assertTrue(answer.status() < 300, answer.status() + " " + answer.text());
    JsonNode json = answer.json();
    return json.has("id") || json.has("deployment_id") ? json : json.path("data");
  }

  private ApiClient having(String... scopes) {
    String list = "\"" + String.join("\",\"", scopes) + "\"";
    return running.as(
        made("/api-keys", "{\"name\":\"k\",\"scopes\":[" + list + "]}").path("key").asString());
  }

  private static void outOfScope(String scope, Answer answer) {
    assertEquals(403, answer.status(), answer.text());
    assertEquals("insufficient_scope", answer.code(), answer.text());
    assertTrue(answer.text().contains(scope), answer.text());
  }

  private String deployed() {
    return made("/sandboxes/" + sandbox + "/deploy", "{\"name\":\"d\"}")
        .path("deployment_id")
        .asString();
  }

  @Test
  void whoMayNotReadASandboxPublishesNone() {
    String deployment = deployed();
    String empty = made("/deployments", "{\"name\":\"e\"}").path("id").asString();
    ApiClient narrow = having("deployments:read", "deployments:write");
    String source = "{\"source_sandbox_id\":\"" + sandbox + "\"}";
    outOfScope("sandboxes:read", narrow.post("/deployments/" + empty + "/publish", source));
    outOfScope("sandboxes:read", narrow.post("/deployments/" + deployment + "/publish", "{}"));
    outOfScope("sandboxes:read", narrow.post("/sandboxes/" + sandbox + "/deploy", "{}"));
    String workspace = ok(owner.get("/sandboxes/" + sandbox)).path("workspace_id").asString();
    Answer minted =
        owner.post(
            "/tokens/scoped",
            "{\"user_id\":\"u\",\"workspace_id\":\"%s\",\"scopes\":[\"deployments:write\"]}"
                .formatted(workspace));
    ApiClient token = running.as(minted.json().path("token").asString());
    outOfScope("sandboxes:read", token.post("/sandboxes/" + sandbox + "/deploy", "{}"));
  }

  @Test
  void whoMayRunNothingPublishesWithoutCommandsOfItsOwn() {
    ApiClient reader = having("deployments:*", "sandboxes:read");
    String deploy = "/sandboxes/" + sandbox + "/deploy";
    for (String command :
        new String[] {
          "\"build_command\":\"make\"",
          "\"run_command\":\"serve $PORT\"",
          "\"start_command\":\"serve $PORT\"",
          "\"entrypoint\":\"serve --all\""
        }) {
      outOfScope("sandboxes:exec", reader.post(deploy, "{" + command + "}"));
    }
    String id = ok(reader.post(deploy, "{\"name\":\"d\"}")).path("deployment_id").asString();
    ok(reader.post("/deployments/" + id + "/publish", "{\"entrypoint\":\"index.html\"}"));
    ok(reader.post("/deployments/" + id + "/redeploy", "{}"));
    ok(
        having("deployments:*", "sandboxes:read", "sandboxes:exec")
            .post(deploy, "{\"build_command\":\"true\"}"));
  }

  @Test
  void whoMayRunNothingLeavesNoCommandsForWhoPublishesLater() {
    ApiClient narrow = having("deployments:*", "sandboxes:read");
    outOfScope("sandboxes:exec", narrow.post("/deployments", COMMANDS));
    String id = ok(narrow.post("/deployments", "{\"name\":\"c\"}")).path("id").asString();
    outOfScope(
        "sandboxes:exec",
        narrow.call("PATCH", "/deployments/" + id, "{\"build_command\":\"make\"}"));
    assertEquals(200, narrow.call("PATCH", "/deployments/" + id, "{\"name\":\"x\"}").status());
    // Those that somebody else set are run for whoever publishes.
    Answer set = owner.call("PATCH", "/deployments/" + id, "{\"build_command\":\"true\"}");
    assertEquals(200, set.status(), set.text());
    String source = "{\"source_sandbox_id\":\"" + sandbox + "\"}";
    ok(narrow.post("/deployments/" + id + "/publish", source));
  }

  @Test
  void whatIsPublishedAlreadyIsServedAgainWithoutAScopeOfSandboxes() {
    String id = deployed();
    running.node().filesOf(sandbox).put("/workspace/dist/private.html", "secret");
    ApiClient narrow = having("deployments:*");
    ok(narrow.post("/deployments/" + id + "/redeploy", "{}"));
    JsonNode versions = ok(owner.get("/deployments/" + id + "/versions"));
    assertEquals(2, versions.size());
    assertEquals(
        versions.get(1).path("release_id").asString(),
        versions.get(0).path("release_id").asString(),
        versions::toString);
    String second = versions.get(0).path("id").asString();
    ok(narrow.post("/deployments/" + id + "/rollback", "{}"));
    ok(narrow.post("/deployments/" + id + "/versions/" + second + "/promote", "{}"));
    ok(owner.post("/deployments/" + id + "/redeploy", "{}"));
    JsonNode anew = ok(owner.get("/deployments/" + id + "/versions"));
    assertTrue(
        !anew.get(0).path("release_id").equals(anew.get(1).path("release_id")), anew::toString);
  }

  @Test
  void nobodyHasLogsSentThatTheyCouldNotRead() {
    JsonNode project = made("/projects", "{\"name\":\"p\"}");
    String one = "/projects/" + project.path("id").asString() + "/environments";
    String environment = ok(owner.get(one)).get(0).path("id").asString();
    String drains = one + "/" + environment + "/log-drains";
    String body = "{\"name\":\"%s\",\"url\":\"https://example.org/\"%s}";
    ApiClient narrow = having("projects:*");
    ApiClient reader = having("projects:*", "sandboxes:read", "deployments:read");
    outOfScope("sandboxes:read", narrow.post(drains, body.formatted("a", "")));
    String builds = ",\"sources\":[\"build\"]";
    outOfScope("deployments:read", narrow.post(drains, body.formatted("a", builds)));
    String drain = ok(reader.post(drains, body.formatted("a", ""))).path("id").asString();
    String path = drains + "/" + drain;
    outOfScope("sandboxes:read", narrow.call("PATCH", path, "{\"url\":\"https://example.com/\"}"));
    assertEquals(200, narrow.call("PATCH", path, "{\"state\":\"paused\"}").status());
    outOfScope("sandboxes:read", narrow.call("PATCH", path, "{\"state\":\"active\"}"));
    assertEquals(204, narrow.delete(path).status());
  }
}
