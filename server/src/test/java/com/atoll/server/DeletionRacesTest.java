package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.store.Store;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What is deleted at the same time as somebody makes something of it. */
final class DeletionRacesTest {
  private static final String SPEC = "\"build_spec\":{\"from\":\"docker.io/library/debian:13\"}";

  private PlatformWithNode running;
  private ApiClient api;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    api = running.someone();
  }

  @AfterEach
  void end() throws Exception {
    running.close();
  }

  private JsonNode made(String path, String body) {
    Answer made = api.post(path, body);
    assertTrue(made.status() < 300, made::text);
    JsonNode json = made.json();
    return json.has("id") ? json : json.path("data");
  }

  private String id(String path, String body) {
    return made(path, body).path("id").asString();
  }

  /** What is answered to a call that has to wait for a transaction of somebody else. */
  private Answer waiting(Store.Action first, Supplier<Answer> call) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Answer> answer =
          running
              .store()
              .system(tx -> {
                first.run(tx);
                tx.sql().execute("select 1");
                Future<Answer> called = threads.submit(call::get);
                PlatformWithNode.await(this::someoneWaits);
                return called;
              });
      return answer.get();
    }
  }

  private boolean someoneWaits() {
    return running
        .store()
        .system(tx ->
            tx.sql()
                .fetchSingle("select exists (select from pg_locks where not granted)")
                .get(0, Boolean.class));
  }

  private int count(String statement, String id) {
    return running.store().system(tx -> tx.sql().fetchSingle(statement, id).get(0, Integer.class));
  }

  @Test
  void aSnapshotThatIsBeingNamedIsNotDeleted() throws Exception {
    String sandbox = id("/sandboxes", "{}");
    String snapshot = id("/sandboxes/" + sandbox + "/snapshots", "{}");
    Answer refused =
        waiting(
            tx -> {
              tx.sql().execute("select 1 from snapshots where id = ? for update", snapshot);
              tx.sql()
                  .execute(
                      "insert into named_snapshots (org, name, snapshot_id, owned)"
                          + " select org, 'kept', id, false from snapshots where id = ?",
                      snapshot);
            },
            () -> api.delete("/snapshots/" + snapshot));
    assertEquals("SNAPSHOT_IN_USE", refused.code(), refused.text());
    assertEquals(409, refused.status());
    assertTrue(running.node().snapshots.containsKey(snapshot));
    assertEquals(200, api.get("/named-snapshots/kept").status());
  }

  @Test
  void aTemplateThatIsDeletedMeanwhileIsNeitherChangedNorBuilt() throws Exception {
    for (boolean build : List.of(false, true)) {
      String template = id("/sandbox-templates", "{\"name\":\"t\"," + SPEC + "}");
      String path = "/sandbox-templates/" + template;
      Answer missing =
          waiting(
              tx -> {
                tx.sql()
                    .execute("select 1 from sandbox_templates where id = ? for update", template);
                tx.sql()
                    .execute("delete from sandbox_template_builds where template_id = ?", template);
                tx.sql().execute("delete from sandbox_templates where id = ?", template);
              },
              () ->
                  build
                      ? api.post(path + "/builds", "{}")
                      : api.call("PATCH", path, "{\"description\":\"x\"}"));
      assertEquals("TEMPLATE_NOT_FOUND", missing.code(), missing.text());
    }
  }

  @Test
  void aSandboxIsNotCreatedInAPlaceThatIsDeletedMeanwhile() {
    String workspace = id("/workspaces", "{\"name\":\"w\"}");
    running.node().onClaim =
        _ -> {
          // Whoever claims again meets what is gone already.
          var _ = api.delete("/workspaces/" + workspace + "?force=true");
        };
    Answer refused = api.post("/sandboxes", "{\"workspace_id\":\"" + workspace + "\"}");
    assertEquals("WORKSPACE_NOT_FOUND", refused.code(), refused.text());
    assertEquals(422, refused.status());
    assertTrue(refused.text().contains(workspace), refused.text());
    running.node().onClaim = _ -> {};
    assertEquals(404, api.get("/workspaces/" + workspace).status());
    assertEquals(0, api.get("/sandboxes").json().path("meta").path("total").asInt());
  }

  @Test
  void aSandboxIsNotCreatedInAProjectThatIsDeletedMeanwhile() {
    String project = id("/projects", "{\"name\":\"p\"}");
    running.node().onClaim =
        _ -> {
          var _ = api.delete("/projects/" + project);
        };
    Answer refused = api.post("/sandboxes", "{\"project_id\":\"" + project + "\"}");
    assertEquals("PROJECT_NOT_FOUND", refused.code(), refused.text());
    running.node().onClaim = _ -> {};
    assertEquals(404, api.get("/projects/" + project).status());
    assertEquals(0, api.get("/sandboxes").json().path("meta").path("total").asInt());
  }

  @Test
  void nothingElseIsMadeInAWorkspaceThatIsBeingDeleted() throws Exception {
    for (String path : List.of("/volumes", "/projects", "/deployments", "/sandboxes/batch")) {
      String workspace = id("/workspaces", "{\"name\":\"" + path + "\"}");
      String place = "\"workspace_id\":\"" + workspace + "\"}";
      Answer refused =
          waiting(
              tx -> {
                tx.sql().execute("select 1 from workspaces where id = ? for update", workspace);
                tx.sql().execute("delete from workspaces where id = ?", workspace);
              },
              () ->
                  api.post(
                      path,
                      path.endsWith("batch")
                          ? "{\"count\":1," + place
                          : "{\"name\":\"n\",\"size_gb\":1," + place));
      assertEquals("WORKSPACE_NOT_FOUND", refused.code(), path + " " + refused.text());
    }
  }

  @Test
  void aWorkspaceInWhichSomethingIsBeingMadeStays() throws Exception {
    String workspace = id("/workspaces", "{\"name\":\"w\"}");
    String sandbox = id("/sandboxes", "{}");
    Answer refused =
        waiting(
            tx -> {
              tx.sql()
                  .execute(
                      "select hold_place(org, id, null) from workspaces where id = ?", workspace);
              tx.sql()
                  .execute(
                      "update sandboxes set workspace_id = ? where id = ?", workspace, sandbox);
            },
            () -> api.delete("/workspaces/" + workspace));
    assertEquals(409, refused.status(), refused.text());
    assertEquals(200, api.get("/workspaces/" + workspace).status());
  }

  @Test
  void whatWasBoundToAWorkspaceGoesWithIt() {
    String workspace = id("/workspaces", "{\"name\":\"w\"}");
    String at = "/workspaces/" + workspace;
    ok(api.call("PUT", "/quotas" + at, "{\"max_sandboxes\":2}"));
    ok(api.call("PUT", at + "/policy", "{\"sizing\":{\"max_cpu_count\":1}}"));
    ok(api.call("PUT", at + "/budget", "{\"monthly_cap_cents\":500}"));
    String bound = "\"resource_type\":\"workspace\",\"resource_id\":\"" + workspace + "\"";
    ok(api.post("/egress/policies", "{\"name\":\"p\"," + bound + "}"));
    ok(api.post("/egress/allowlist", "{\"host\":\"c.example\"," + bound + "}"));
    String secret = "{\"name\":\"S\",\"value\":\"x\",\"hosts\":[\"a.example\"],";
    ok(api.post("/egress/secrets", secret + bound + "}"));
    assertEquals(1, api.get("/budgets").json().path("data").size());
    assertEquals(204, api.delete(at).status());
    assertEquals(0, api.get("/budgets").json().path("data").size());
    assertEquals(0, count("select count(*) from quotas where scope_id = ?", workspace));
    assertEquals(0, count("select count(*) from policies where subject = ?", workspace));
    for (String table : List.of("egress_policies", "egress_rules", "egress_bindings")) {
      assertEquals(
          0, count("select count(*) from " + table + " where resource_id = ?", workspace), table);
    }
  }

  private static void ok(Answer answer) {
    assertTrue(answer.status() < 300, answer::text);
  }

  @Test
  void aSandboxIsToldToRunWithTheVersionThatItHas() {
    String sandbox = id("/sandboxes", "{}");
    ok(api.call("PATCH", "/sandboxes/" + sandbox, "{\"name\":\"other\"}"));
    String told = "select count(*) from events where resource_id = ? and type = 'sandbox.running'";
    PlatformWithNode.await(() -> count(told, sandbox) == 1);
    String older =
        """
        select count(*) from events a join events b on b.resource_id = a.resource_id
          and (b.xid, b.seq) > (a.xid, a.seq) and b.version < a.version
        where a.resource_id = ?\
        """;
    assertEquals(0, count(older, sandbox));
  }
}
