package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a key of one end user reaches of what its organization shares: places to create in. */
final class EndUserKeysTest {
  private PlatformWithNode running;
  private ApiClient owner;

  /** The key of end user mallory. */
  private ApiClient key;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    owner = running.someone();
    key =
        running.as(
            made(
                    "/api-keys/scoped",
                    "{\"external_user_id\":\"mallory\",\"scopes\":[\"projects:*\",\"env:*\","
                        + "\"connections:*\",\"keys:*\",\"organization:*\",\"sandboxes:*\"]}")
                .path("key")
                .asString());
  }

  @AfterEach
  void end() throws Exception {
    running.close();
  }

  private JsonNode made(String path, String body) {
    Answer answer = owner.post(path, body);
    assertTrue(answer.status() < 300, answer::text);
    JsonNode json = answer.json();
    return json.has("id") ? json : json.path("data");
  }

  private static void forbidden(Answer answer) {
    assertEquals(403, answer.status(), answer.text());
    assertEquals("FORBIDDEN", answer.code());
  }

  @Test
  void toolServersAndTheirSecretsAreOfTheOrganization() {
    String server =
        "/mcp-servers/"
            + made(
                    "/mcp-servers",
                    "{\"name\":\"t\",\"url\":\"https://example.org/a\","
                        + "\"secrets\":{\"TOKEN\":\"s\"},"
                        + "\"secret_headers\":{\"Authorization\":\"TOKEN\"}}")
                .path("id")
                .asString();
    String elsewhere = "{\"url\":\"https://example.com/b\"}";
    forbidden(key.get("/mcp-servers"));
    forbidden(key.get(server));
    forbidden(key.call("PATCH", server, elsewhere));
    forbidden(key.post(server + "/test", "{}"));
    forbidden(key.delete(server));
    forbidden(key.post("/mcp-servers", "{\"name\":\"u\",\"url\":\"https://example.org/\"}"));
    // Nobody reads a secret by another address either.
    Answer led = owner.call("PATCH", server, elsewhere);
    assertEquals(422, led.status(), led.text());
    Answer anew =
        owner.call(
            "PATCH",
            server,
            "{\"url\":\"https://example.com/b\",\"secrets\":{\"TOKEN\":\"other\"}}");
    assertEquals(200, anew.status(), anew.text());
    assertEquals(200, owner.call("PATCH", server, "{\"name\":\"v\"}").status());
  }

  @Test
  void whatTheOrganizationSharesIsNotChanged() {
    made("/api-keys/presets", "{\"name\":\"p\",\"scopes\":[\"sandboxes:read\"]}");
    forbidden(key.delete("/api-keys/presets/p"));
    forbidden(key.post("/api-keys/presets", "{\"name\":\"q\",\"scopes\":[]}"));
    forbidden(key.get("/tenant/members"));
    forbidden(key.get("/settings"));
    String workspace = made("/workspaces", "{\"name\":\"w\"}").path("id").asString();
    String path = "/workspaces/" + workspace;
    made("/sandboxes", "{\"workspace_id\":\"" + workspace + "\"}");
    forbidden(key.post("/workspaces", "{\"name\":\"x\"}"));
    forbidden(key.call("PATCH", path, "{\"name\":\"x\"}"));
    forbidden(key.delete(path));
    forbidden(key.delete(path + "?force=true"));
    forbidden(key.post(path + "/cleanup", "{}"));
    forbidden(key.post(path + "/transfer", "{\"target_workspace_id\":\"w\"}"));
    forbidden(key.post(path + "/computer-templates", "{\"name\":\"x\"}"));
    assertEquals(200, owner.get(path).status());
    Answer implied = key.post("/sandboxes", "{\"workspace_name\":\"new\"}");
    assertEquals(422, implied.status(), implied.text());
  }

  @Test
  void projectsOfOthersAreNotThere() {
    String theirs =
        "/projects/"
            + made("/projects", "{\"name\":\"cyd\",\"external_user_id\":\"cyd\"}")
                .path("id")
                .asString();
    assertEquals(404, key.get(theirs).status());
    assertEquals(404, key.call("PATCH", theirs, "{\"name\":\"x\"}").status());
    assertEquals(404, key.get(theirs + "/shared-variables").status());
    assertEquals(404, key.delete(theirs).status());
    assertFalse(key.get("/projects").text().contains("cyd"));
    // A slug that somebody has is taken, whoever is shown it.
    Answer same = key.post("/projects", "{\"name\":\"cyd\"}");
    assertEquals(201, same.status(), same.text());
  }

  @Test
  void projectsOfTheOrganizationAreCreatedInAndNotChanged() {
    String id = made("/projects", "{\"name\":\"app\"}").path("id").asString();
    String path = "/projects/" + id;
    String set = "{\"variables\":{\"A\":\"1\"}}";
    assertEquals(200, owner.call("PUT", path + "/shared-variables", set).status());
    assertEquals(200, key.get(path).status());
    forbidden(key.get(path + "/shared-variables"));
    forbidden(key.call("PUT", path + "/shared-variables", set));
    forbidden(key.call("PATCH", path, "{\"name\":\"x\"}"));
    forbidden(key.delete(path));
    String production =
        owner.get(path + "/environments").json().path("data").get(0).path("id").asString();
    String drains = path + "/environments/" + production + "/log-drains";
    forbidden(key.get(drains));
    forbidden(key.post(drains, "{\"name\":\"d\",\"url\":\"https://example.org/\"}"));
    assertEquals(201, key.post("/sandboxes", "{}").status());
    assertEquals(201, key.post("/sandboxes", "{\"project_id\":\"" + id + "\"}").status());
  }

  @Test
  void aProjectOfOnesOwnIsChangedAndStaysWhileSomebodyUsesIt() {
    Answer mine = key.post("/projects", "{\"name\":\"mine\"}");
    assertEquals(201, mine.status(), mine.text());
    String id = mine.json().path("data").path("id").asString();
    String path = "/projects/" + id;
    assertEquals(200, key.call("PATCH", path, "{\"name\":\"x\"}").status());
    String set = "{\"variables\":{\"A\":\"1\"}}";
    assertEquals(200, key.call("PUT", path + "/shared-variables", set).status());
    assertEquals(200, key.get(path + "/shared-variables").status());
    String other =
        made("/sandboxes", "{\"external_user_id\":\"bob\",\"project_id\":\"" + id + "\"}")
            .path("id")
            .asString();
    assertEquals(404, key.get("/sandboxes/" + other).status());
    Answer refused = key.delete(path);
    assertEquals(409, refused.status(), refused.text());
    owner.delete("/sandboxes/" + other);
    assertEquals(204, key.delete(path).status());
  }

  @Test
  void aNameOfAnEndUserStandsInForNoTemplateOfOthers() {
    Answer mine = key.post("/sandboxes", "{}");
    assertEquals(201, mine.status(), mine.text());
    String path = "/sandboxes/" + mine.json().path("id").asString();
    Answer taken = key.post(path + "/snapshots", "{}");
    String snapshot = taken.json().path("id").asString();
    String name = "agent.template";
    String named = "{\"name\":\"" + name + "\",\"snapshot_id\":\"" + snapshot + "\"}";
    assertEquals(201, key.post("/named-snapshots", named).status());
    String create = "{\"templateID\":\"" + name + "\"}";
    Answer refused = owner.post("/e2b/sandboxes", create);
    assertEquals(404, refused.status(), refused.text());
    assertEquals(201, key.post("/e2b/sandboxes", create).status());
    // Whoever says that a snapshot is meant gets it.
    assertEquals(201, owner.post("/named-snapshots/" + name + "/deploy", "{}").status());
    String own = made("/sandboxes", "{}").path("id").asString();
    made("/named-snapshots", "{\"name\":\"our.own\",\"sandbox_id\":\"" + own + "\"}");
    assertEquals(201, owner.post("/e2b/sandboxes", "{\"templateID\":\"our.own\"}").status());
  }
}
