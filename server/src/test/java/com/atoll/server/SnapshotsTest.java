package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.Snapshot;
import com.atoll.platform.Installation;
import com.atoll.server.identity.Organizations;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import com.atoll.server.testing.Installations;
import com.atoll.server.testing.TestPostgres;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows of snapshots and what a node has of them, when the two disagree. */
final class SnapshotsTest {
  private Installation installation;
  private MemoryNode node;
  private Platform platform;
  private ApiClient api;
  private String sandbox;

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
    String key = new Organizations(platform.store()).create("org " + UUID.randomUUID()).value();
    api = ApiClient.at(installation.serverSocket()).as(key);
    sandbox = api.post("/sandboxes", "{}").json().path("id").asString();
  }

  @AfterEach
  void end() throws Exception {
    api.delete("/sandboxes/" + sandbox);
    platform.close();
    node.close();
    try (Stream<Path> left = Files.list(installation.run())) {
      for (Path path : left.toList()) {
        Files.delete(path);
      }
    }
    Files.delete(installation.run());
  }

  private static void await(BooleanSupplier so) {
    long end = System.nanoTime() + 60_000_000_000L;
    while (!so.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "not in time");
      LockSupport.parkNanos(5_000_000);
    }
  }

  /** Compares until it is so. */
  private void compared(BooleanSupplier so) {
    await(() -> {
      platform.workloads().watch().reconcileSoon();
      return so.getAsBoolean();
    });
  }

  private Answer take(String body) {
    return api.post("/sandboxes/" + sandbox + "/snapshots", body);
  }

  private String status(String id) {
    return api.get("/snapshots/" + id).json().path("data").path("status").asString();
  }

  @Test
  void oneThatTheNodeRefusesHasFailedAndSaysWhy() {
    node.refusal = Status.FAILED_PRECONDITION.withDescription("it is not to be");
    Answer refused = take("{}");
    assertEquals(409, refused.status(), refused.text());
    Answer list = api.get("/sandboxes/" + sandbox + "/snapshots");
    String id = list.json().path("data").get(0).path("id").asString();
    assertEquals("failed", status(id));
    assertTrue(list.text().contains("it is not to be"));
    assertEquals("SNAPSHOT_NOT_READY", api.post("/snapshots/" + id + "/fork", "{}").code());
    assertEquals(
        "SNAPSHOT_NOT_READY",
        api.post("/named-snapshots", "{\"name\":\"n\",\"snapshot_id\":\"" + id + "\"}").code());
    assertEquals(200, api.delete("/snapshots/" + id).status());
  }

  @Test
  void aNameThatIsRefusedIsFreeAgain() {
    node.refusal = Status.RESOURCE_EXHAUSTED.withDescription("full");
    String body = "{\"name\":\"again\",\"sandbox_id\":\"" + sandbox + "\"}";
    assertEquals(503, api.post("/named-snapshots", body).status());
    assertEquals(404, api.get("/named-snapshots/again").status());
    node.refusal = Status.OK;
    assertEquals(201, api.post("/named-snapshots", body).status());
    assertEquals("deleted", api.delete("/named-snapshots/again").json().path("outcome").asString());
    assertTrue(node.snapshots.isEmpty());
  }

  @Test
  void oneWhoseTimeIsOverIsNotThereAnyMore() {
    String id = take("{\"expiration_seconds\":1}").json().path("id").asString();
    await(() -> api.get("/snapshots/" + id).status() == 404);
    // Nobody has cleared it away yet: that is done twice a minute.
    assertEquals(404, api.post("/snapshots/" + id + "/fork", "{}").status());
    assertEquals(404, api.post("/sandboxes/" + sandbox + "/restore/" + id, "{}").status());
    String name = "{\"name\":\"late\",\"snapshot_id\":\"" + id + "\"}";
    assertEquals(404, api.post("/named-snapshots", name).status());
    Answer list = api.get("/sandboxes/" + sandbox + "/snapshots");
    assertEquals(0, list.json().path("data").size(), list.text());
    assertEquals(0, api.get("/snapshots").json().path("data").size());
    compared(node.snapshots::isEmpty);
  }

  @Test
  void oneThatIsPinnedOutlivesItsTime() {
    String id = take("{\"expiration_seconds\":1}").json().path("id").asString();
    String name = "{\"name\":\"kept\",\"snapshot_id\":\"" + id + "\"}";
    assertEquals(201, api.post("/named-snapshots", name).status());
    String other = take("{\"expiration_seconds\":1}").json().path("id").asString();
    await(() -> api.get("/snapshots/" + other).status() == 404);
    assertEquals("ready", status(id));
  }

  @Test
  void oneThatTheNodeLostHasFailed() {
    String id = take("{}").json().path("id").asString();
    assertEquals("ready", status(id));
    node.snapshots.clear();
    compared(() -> status(id).equals("failed"));
    assertEquals(404, api.get("/snapshots/none").status());
  }

  @Test
  void oneThatNobodyWantsIsDropped() {
    String id = take("{}").json().path("id").asString();
    node.snapshots.put("snap_x", Snapshot.newBuilder().setId("snap_x").build());
    compared(() -> !node.snapshots.containsKey("snap_x"));
    assertTrue(node.snapshots.containsKey(id));
    assertEquals("ready", status(id));
  }

  @Test
  void oneWhoseTimeIsOverIsDeletedAndAKeptOneIsNot() {
    String kept = take("{\"keep\":true}").json().path("id").asString();
    String used = take("{\"retention_seconds\":3600}").json().path("id").asString();
    String old = take("{\"expiration_seconds\":1}").json().path("id").asString();
    compared(() -> !node.snapshots.containsKey(old));
    assertEquals(404, api.get("/snapshots/" + old).status());
    assertEquals("ready", status(kept));
    assertEquals("ready", status(used));
  }

  @Test
  void aForkOfASnapshotThatIsGoneLeavesNoSandbox() {
    String id = take("{}").json().path("id").asString();
    node.snapshots.clear();
    Answer fork = api.post("/snapshots/" + id + "/fork", "{\"name\":\"orphan\"}");
    assertEquals(404, fork.status(), fork.text());
    assertFalse(api.get("/sandboxes").text().contains("orphan"));
  }

  /** What it takes from one use to the next may not come off the time that a use gives. */
  @Test
  void eachUseGivesOneItsWholeTimeAgain() {
    String id = take("{\"retention_seconds\":8}").json().path("id").asString();
    OffsetDateTime before = usedNow(id);
    await(() -> OffsetDateTime.now(ZoneOffset.UTC).isAfter(before.minusSeconds(6)));
    assertTrue(usedNow(id).isAfter(before.plusSeconds(1)));
  }

  /** Uses it, and says when it expires then. */
  private OffsetDateTime usedNow(String id) {
    assertEquals(201, api.post("/snapshots/" + id + "/fork", "{}").status());
    return OffsetDateTime.parse(
        api.get("/snapshots/" + id).json().path("data").path("expires_at").asString());
  }

  @Test
  void oneThatOnlyItsNameKeptGoesWithIt() {
    String id = take("{\"expiration_seconds\":1}").json().path("id").asString();
    api.post("/named-snapshots", "{\"name\":\"kept\",\"snapshot_id\":\"" + id + "\"}");
    String other = take("{\"expiration_seconds\":1}").json().path("id").asString();
    await(() -> api.get("/snapshots/" + other).status() == 404);
    assertEquals("deleted", api.delete("/named-snapshots/kept").json().path("outcome").asString());
    assertFalse(node.snapshots.containsKey(id));
  }

  @Test
  void whatAForkCannotHeedItRefuses() {
    String id = take("{}").json().path("id").asString();
    String other = take("{}").json().path("id").asString();
    Answer contrary = api.post("/snapshots/" + id + "/fork", "{\"snapshot_id\":\"" + other + "\"}");
    assertEquals(422, contrary.status(), contrary.text());
    assertTrue(contrary.json().path("errors").has("snapshot_id"), contrary.text());
    Answer same = api.post("/snapshots/" + id + "/fork", "{\"snapshot_id\":\"" + id + "\"}");
    assertEquals(201, same.status(), same.text());
    String template = same.json().path("template_id").asString();
    for (String path :
        new String[] {"/sandboxes/" + sandbox + "/fork", "/snapshots/" + id + "/fork"}) {
      assertEquals(422, api.post(path, "{\"template_id\":\"none\"}").status());
      assertEquals(422, api.post(path, "{\"template_id\":\"docker\"}").status());
      assertEquals(201, api.post(path, "{\"template_id\":\"" + template + "\"}").status());
    }
  }
}
