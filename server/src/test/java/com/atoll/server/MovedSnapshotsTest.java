package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Snapshots that are in another place than where their sandboxes were. */
final class MovedSnapshotsTest {
  private static final String SCOPES =
      "[\"sandboxes:read\",\"sandboxes:write\",\"sandboxes:create\"]";

  private PlatformWithNode running;
  private ApiClient owner;
  private String from;
  private String to;
  private String project;
  private String sandbox;
  private String snapshot;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    owner = running.someone();
    from = id("/workspaces", "{\"name\":\"from\"}");
    to = id("/workspaces", "{\"name\":\"to\"}");
    project = id("/projects", "{\"name\":\"p\",\"workspace_id\":\"" + from + "\"}");
    sandbox =
        id(
            "/sandboxes",
            "{\"auto_start\":true,\"env\":{\"A\":\"b\"},\"workspace_id\":\""
                + from
                + "\",\"project_id\":\""
                + project
                + "\"}");
    snapshot = id("/sandboxes/" + sandbox + "/snapshots", "{\"keep\":true}");
    var _ = id("/named-snapshots", "{\"name\":\"Kept\",\"snapshot_id\":\"" + snapshot + "\"}");
  }

  @AfterEach
  void end() throws Exception {
    running.close();
  }

  private JsonNode made(ApiClient api, String path, String body) {
    Answer made = api.post(path, body);
    assertTrue(made.status() < 300, made::text);
    JsonNode json = made.json();
    return json.has("id") ? json : json.path("data");
  }

  private String id(String path, String body) {
    return made(owner, path, body).path("id").asString();
  }

  private void transfer(String id) {
    var _ =
        made(
            owner,
            "/workspaces/" + from + "/transfer",
            "{\"target_workspace_id\":\"" + to + "\",\"resource_ids\":[\"" + id + "\"]}");
  }

  private ApiClient of(String workspace) {
    String account = id("/service-accounts", "{\"name\":\"" + workspace + "\"}");
    String body = "{\"scopes\":" + SCOPES + ",\"workspace_id\":\"" + workspace + "\"}";
    return running.as(
        made(owner, "/service-accounts/" + account + "/keys", body).path("key").asString());
  }

  private void destroy() {
    assertTrue(owner.delete("/sandboxes/" + sandbox).status() < 300);
  }

  private void forked(JsonNode fork) {
    assertEquals(to, fork.path("workspace_id").asString(), fork::toString);
    assertEquals("to", fork.path("workspace_slug").asString(), fork::toString);
    JsonNode there = owner.get("/snapshots/" + snapshot).json().path("data");
    assertEquals(there.path("project_id"), fork.path("project_id"), fork::toString);
    assertEquals(sandbox, fork.path("source_sandbox_id").asString(), fork::toString);
    String id = fork.path("id").asString();
    assertEquals(to, owner.get("/sandboxes/" + id).json().path("workspace_id").asString());
    Boolean starts =
        running
            .store()
            .system(tx ->
                tx.sql()
                    .fetchSingle("select auto_start from sandboxes where id = ?", id)
                    .get(0, Boolean.class));
    assertEquals(true, starts, "starts its app");
    JsonNode env = owner.get("/sandboxes/" + id + "/env").json().path("data");
    assertEquals("b", env.path(0).path("value").asString(), env::toString);
  }

  private void forkedInEveryWay(ApiClient api) {
    forked(made(api, "/snapshots/" + snapshot + "/fork", "{}"));
    forked(made(api, "/named-snapshots/Kept/deploy", "{}"));
    for (String template : new String[] {snapshot, "Kept"}) {
      Answer made = api.post("/e2b/v2/sandboxes", "{\"templateID\":\"" + template + "\"}");
      assertEquals(201, made.status(), made.text());
      String id = "sbx_" + made.json().path("sandboxID").asString();
      forked(owner.get("/sandboxes/" + id).json());
    }
  }

  @Test
  void oneWhoseProjectHasMovedIsForkedInItsNewWorkspace() {
    destroy();
    transfer(project);
    forkedInEveryWay(owner);
    forkedInEveryWay(of(to));
  }

  @Test
  void oneThatHasMovedAloneOutlivesWhereItsSandboxWas() {
    transfer(snapshot);
    forkedInEveryWay(owner);
    destroy();
    forkedInEveryWay(of(to));
    assertEquals(204, owner.delete("/projects/" + project).status());
    forkedInEveryWay(owner);
    assertEquals(204, owner.delete("/workspaces/" + from).status());
    forkedInEveryWay(of(to));
  }

  @Test
  void oneThatHasMovedIsSeenFromItsNewWorkspaceAndNotFromTheOld() {
    ApiClient old = of(from);
    var _ = made(old, "/snapshots/" + snapshot + "/fork", "{}");
    transfer(snapshot);
    assertEquals(404, old.get("/snapshots/" + snapshot).status());
    assertEquals(404, old.post("/snapshots/" + snapshot + "/fork", "{}").status());
    assertEquals(404, old.post("/named-snapshots/Kept/deploy", "{}").status());
    assertEquals(404, old.post("/sandboxes/" + sandbox + "/restore/" + snapshot, "{}").status());
    Answer direct =
        old.post("/sandboxes/" + sandbox + "/fork", "{\"snapshot_id\":\"" + snapshot + "\"}");
    assertEquals(404, direct.status(), direct.text());
    ApiClient inside = of(to);
    assertEquals(404, inside.get("/sandboxes/" + sandbox).status());
    JsonNode shown = inside.get("/snapshots/" + snapshot).json().path("data");
    assertEquals(snapshot, shown.path("id").asString(), shown::toString);
    assertEquals(1, inside.get("/named-snapshots").json().path("data").size());
    assertEquals(0, old.get("/named-snapshots").json().path("data").size());
    assertEquals(200, owner.delete("/named-snapshots/Kept").status());
    assertEquals(1, inside.get("/snapshots").json().path("data").size());
    assertEquals(1, inside.get("/snapshots/groups").json().path("data").size());
    assertEquals(0, old.get("/snapshots").json().path("data").size());
    assertEquals(0, old.get("/snapshots/groups").json().path("data").size());
  }
}
