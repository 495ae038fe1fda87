package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.platform.Installation;
import com.atoll.server.identity.Organizations;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import com.atoll.server.testing.Installations;
import com.atoll.server.testing.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What is made in test mode ends a day later, and nothing that is live does. */
final class TestModeTest {
  private static final List<String> TABLES =
      List.of("deployments", "snapshots", "sandboxes", "volumes", "sandbox_templates");

  private Installation installation;
  private MemoryNode node;
  private Platform platform;
  private ApiClient live;
  private ApiClient test;
  private String liveOrg;
  private String testOrg;

  @BeforeEach
  void begin() throws Exception {
    Installation database = TestPostgres.get().installation();
    Path folder = Files.createTempDirectory(Path.of("/tmp"), "atoll-run");
    Files.createSymbolicLink(folder.resolve("pg"), database.run().resolve("pg"));
    installation = Installations.in(database.home(), folder);
    node = new MemoryNode(installation.nodeSocket());
    platform = new Platform(installation);
    platform.start();
    ApiClient nobody = ApiClient.at(installation.serverSocket());
    while (nobody.get("/readyz").status() != 200) {
      LockSupport.parkNanos(5_000_000);
    }
    live =
        nobody.as(new Organizations(platform.store()).create("org " + UUID.randomUUID()).value());
    JsonNode key = ok(live.post("/api-keys", "{\"name\":\"t\",\"mode\":\"test\"}")).path("data");
    test = nobody.as(key.path("key").asString());
    liveOrg = ok(live.get("/platform/tenants/current")).path("id").asString();
    testOrg =
        platform
            .store()
            .system(tx ->
                tx.sql()
                    .fetchSingle("select org from organizations where test_of = ?", liveOrg)
                    .get(0, String.class));
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

  private static JsonNode ok(Answer answer) {
    assertTrue(answer.status() < 300, answer.status() + " " + answer.text());
    return answer.json();
  }

  /** One of each kind. */
  private record Made(
      String deployment, String sandbox, String volume, String snapshot, String pinned) {
    List<String> paths() {
      return List.of(
          "/deployments/" + deployment,
          "/volumes/" + volume,
          "/snapshots/" + snapshot,
          "/snapshots/" + pinned,
          "/named-snapshots/pinned");
    }
  }

  private Made make(ApiClient api, String org) {
    String volume =
        ok(api.post("/volumes", "{\"name\":\"v\",\"size_gb\":1}")).path("id").asString();
    String sandbox = sandboxWith(api, volume);
    node.filesOf(sandbox).put("/workspace/dist/index.html", "one");
    JsonNode deployed = ok(api.post("/sandboxes/" + sandbox + "/deploy", "{\"name\":\"shop\"}"));
    JsonNode taken = ok(api.post("/sandboxes/" + sandbox + "/snapshots", "{\"keep\":true}"));
    String named = "{\"name\":\"pinned\",\"sandbox_id\":\"" + sandbox + "\"}";
    JsonNode pinned = ok(api.post("/named-snapshots", named)).path("data");
    // A build needs a machine that makes images: here its template is enough.
    platform
        .store()
        .executeSystem(tx ->
            tx.sql()
                .execute(
                    """
                    insert into sandbox_templates (id, org, name, slug, build_spec)
                    values (?, ?, 't', 't', '{"from":"blank"}')\
                    """,
                    "tpl_" + org,
                    org));
    return new Made(
        deployed.path("deployment_id").asString(),
        sandbox,
        volume,
        taken.path("id").asString(),
        pinned.path("snapshot_id").asString());
  }

  private static String sandboxWith(ApiClient api, String volume) {
    String wish =
        "{\"volumes\":[{\"volume_id\":\""
            + volume
            + "\",\"mount_path\":\"/data\"," //
            + "\"read_only\":true}]}";
    return ok(api.post("/sandboxes", wish)).path("id").asString();
  }

  /** Makes everything of both organizations look older. */
  private void age(int hours) {
    platform
        .store()
        .executeSystem(tx -> {
          for (String table : TABLES) {
            tx.sql()
                .execute(
                    "update "
                        + table
                        + " set created_at = created_at - cast(? as int) * interval '1 hour'"
                        + " where org in (?, ?)",
                    hours,
                    liveOrg,
                    testOrg);
          }
        });
  }

  private static String state(ApiClient api, String sandbox) {
    return api.get("/sandboxes/" + sandbox).json().path("state").asString();
  }

  /** As two servers of one database may look at a time. */
  private void roundsOfTwo() throws InterruptedException {
    Thread other = Thread.startVirtualThread(platform.workloads().testMode()::round);
    platform.workloads().testMode().round();
    other.join();
  }

  /** The events that tell of an end, each as often as it was told. */
  private List<String> ended(String org) {
    return platform
        .store()
        .system(tx ->
            tx.sql()
                .fetch(
                    """
                    select type from events where org = ?
                      and (type like '%.deleted' or type like '%.destroyed') order by type\
                    """,
                    org)
                .map(row -> row.get(0, String.class)));
  }

  @Test
  void whatComesAndGoesAtAStartIsInTestModeAndNotLimited() throws Exception {
    String minted = new Organizations(platform.store()).mintStartUp().value();
    Answer answer = ApiClient.at(installation.serverSocket()).as(minted).get("/sandboxes");
    assertEquals(200, answer.status());
    assertEquals("test", answer.header("x-atoll-mode"));
    assertEquals("", answer.header("x-ratelimit-limit"));
    Answer limited = test.get("/sandboxes");
    assertEquals("60", limited.header("x-ratelimit-limit"));
  }

  @Test
  void testResourcesEndADayAfterTheyWereMadeAndLiveOnesStay() throws Exception {
    Made kept = make(live, liveOrg);
    Made gone = make(test, testOrg);
    age(23);
    platform.workloads().testMode().round();
    gone.paths().forEach(path -> assertEquals(200, test.get(path).status(), path));
    assertEquals(List.of(), ended(testOrg));

    age(2);
    String young = sandboxWith(test, gone.volume());
    roundsOfTwo();
    for (String path : gone.paths()) {
      assertEquals(404, test.get(path).status(), path);
      assertEquals(200, live.get(kept.paths().get(gone.paths().indexOf(path))).status());
    }
    assertEquals("TEMPLATE_NOT_FOUND", test.get("/sandbox-templates/tpl_" + testOrg).code());
    assertEquals(200, live.get("/sandbox-templates/tpl_" + liveOrg).status());
    assertEquals("destroyed", state(test, gone.sandbox()));
    assertEquals("running", state(live, kept.sandbox()));
    assertEquals("running", state(test, young));
    assertEquals(
        List.of(
            "deployment.deleted",
            "sandbox.destroyed",
            "sandbox.snapshot.deleted",
            "sandbox.snapshot.deleted",
            "template.deleted",
            "volume.deleted"),
        ended(testOrg));
    assertEquals(List.of(), ended(liveOrg));

    // The machine and the gateways know of it too.
    assertEquals(Set.of(kept.volume()), node.volumes.keySet());
    assertEquals(Set.of(kept.snapshot(), kept.pinned()), node.snapshots.keySet());
    assertEquals(Set.of(kept.sandbox(), young), node.workloads.keySet());
    assertNull(platform.workloads().routes().get("deployment/" + gone.deployment()));
    assertNotNull(platform.workloads().routes().get("deployment/" + kept.deployment()));

    assertEquals(204, live.delete("/sandboxes/" + kept.sandbox()).status());
    assertEquals(204, test.delete("/sandboxes/" + young).status());
  }

  @Test
  void theLifetimeIsShownAsABoundOfThePlatform() {
    JsonNode age = effective(test).path("lifecycle").path("max_age_sec");
    assertEquals(86_400, age.path("value").asInt(), age.toString());
    assertEquals("platform", age.path("source").asString());
    assertTrue(effective(live).path("lifecycle").path("max_age_sec").isMissingNode());
  }

  private static JsonNode effective(ApiClient api) {
    JsonNode answer = ok(api.get("/external-users/somebody/effective-policy"));
    return answer.has("lifecycle") ? answer : answer.path("data");
  }
}
