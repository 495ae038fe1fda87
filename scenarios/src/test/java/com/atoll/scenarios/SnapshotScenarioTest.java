package com.atoll.scenarios;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Snapshots: what is kept is what was there, for as long as it was asked for. */
@Tag("fast")
@Tag("all")
@Tag("waits")
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SnapshotScenarioTest {
  /** Writes a number to one file, then to the other, forever. */
  private static final String WRITER =
      """
      import os
      a = open('/workspace/a', 'w')
      b = open('/workspace/b', 'w')
      n = 0
      while True:
          n += 1
          for f in (a, b):
              f.seek(0)
              f.write('%012d' % n)
              f.flush()
      """;

  private final Given given = new Given();
  private Sandbox sandbox;

  @BeforeAll
  void start() {
    sandbox = given.aSandbox().with("env", Map.of("COLOR", "blue")).running();
  }

  @AfterAll
  void end() {
    deleteAll(sandbox);
    sandbox.close();
  }

  private void deleteAll(Sandbox of) {
    given
        .api
        .post("/snapshots/delete", Map.of("resource_id", of.id(), "all", true, "confirm", of.id()))
        .expect(200);
  }

  private Reply take(Sandbox of, Map<String, Object> fields) {
    return given.api.post(of.at("/snapshots"), fields).expect(201);
  }

  private Sandbox sandbox(Reply reply) {
    reply.expect(201);
    assertEquals("running", reply.string("state"), reply::toString);
    return new Sandbox(given.api, reply.string("id"), reply.string("slug"));
  }

  @Test
  void itIsRestoredAsANewSandboxAlsoWhenItsOwnIsGone() {
    Sandbox source = given.aSandbox().with("env", Map.of("COLOR", "red")).running();
    source.withFile("/workspace/state", "before");
    Reply taken = take(source, Map.of("comment", "first", "keep", true));
    assertEquals("ready", taken.string("status"));
    assertEquals("first", taken.string("comment"));
    assertEquals(source.id(), taken.string("sandbox_id"));
    assertEquals(taken.string("id"), taken.json().path("data").path("id").asString());
    assertTrue(taken.json().path("keep").asBoolean());
    assertTrue(taken.json().path("pause_micros").asLong() > 0, taken::toString);
    source.withFile("/workspace/state", "after");
    String id = taken.string("id");
    try (Sandbox restored = sandbox(given.api.post(source.at("/restore/" + id), Map.of()))) {
      assertNotEquals(source.id(), restored.id());
      assertEquals("before", restored.file("/workspace/state"));
      assertEquals("red", restored.run("echo $COLOR"));
      assertEquals("after", source.file("/workspace/state"));
    }
    source.close();
    assertTrue(given.api.get(source.at("/snapshots")).expect(200).text().contains(id));
    try (Sandbox restored = sandbox(given.api.post(source.at("/restore/" + id), Map.of()));
        Sandbox forked =
            sandbox(
                given.api.post(
                    source.at("/fork"),
                    Map.of("snapshot_id", id, "env", Map.of("COLOR", "green"))))) {
      assertEquals("before", restored.file("/workspace/state"));
      assertEquals("green", forked.run("echo $COLOR"));
    }
    given.api.delete(source.at("/snapshots/" + id)).expect(204);
    given.api.delete(source.at("/snapshots/" + id)).expectError(404, "NOT_FOUND");
    given.api.post("/snapshots/" + id + "/fork", Map.of()).expectError(404, "NOT_FOUND");
  }

  @Test
  void aWriterIsCaughtBetweenTwoWrites() {
    try (Sandbox busy = given.aSandbox().running()) {
      busy.withFile("/workspace/writer.py", WRITER);
      given.api.post(busy.at("/processes"), Map.of("command", "python3 /workspace/writer.py"));
      busy.run("until [ -s /workspace/b ]; do sleep 0.05; done");
      List<String> taken = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        taken.add(take(busy, Map.of()).string("id"));
      }
      long last = 0;
      for (String id : taken) {
        long a = number(id, "a");
        long b = number(id, "b");
        assertTrue(a == b || a == b + 1, a + " and " + b);
        assertTrue(a >= last && a > 0, a + " after " + last);
        last = a;
      }
      deleteAll(busy);
    }
  }

  private long number(String id, String file) {
    return Long.parseLong(
        given.api.get("/snapshots/" + id + "/files?path=/workspace/" + file).expect(200).text());
  }

  @Test
  void forksOfOneSnapshotShareItAndHaveTheirOwn() {
    sandbox.withFile("/workspace/shared", "shared");
    String id = take(sandbox, Map.of()).string("id");
    List<Sandbox> forks = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      forks.add(sandbox(given.api.post("/snapshots/" + id + "/fork", Map.of())));
    }
    for (int i = 0; i < forks.size(); i++) {
      forks.get(i).withFile("/workspace/own", "fork " + i);
    }
    for (int i = 0; i < forks.size(); i++) {
      assertEquals("sharedfork " + i, forks.get(i).run("cat /workspace/shared /workspace/own"));
      assertEquals("blue", forks.get(i).run("echo $COLOR"));
    }
    forks.forEach(Sandbox::close);
    assertTrue(given.api.get("/snapshots/" + id).text().contains("last_used_at\":\"20"));
  }

  @Test
  void aPausedSandboxIsTakenAndStaysPaused() {
    try (Sandbox paused = given.aSandbox().running()) {
      paused.withFile("/workspace/state", "kept");
      given.api.post(paused.at("/stop"), Map.of()).expect(200);
      String id = take(paused, Map.of()).string("id");
      assertEquals("paused", paused.state());
      try (Sandbox fork = sandbox(given.api.post("/snapshots/" + id + "/fork", Map.of()))) {
        assertEquals("kept", fork.file("/workspace/state"));
      }
      deleteAll(paused);
    }
  }

  @Test
  void aRepeatedWriteIsTheSameWrite() {
    Map<String, String> key = Map.of("Idempotency-Key", Given.unique("snap"));
    String path = sandbox.at("/snapshots");
    String id = given.api.json("POST", path, Map.of(), key).expect(201).string("id");
    assertEquals(id, given.api.json("POST", path, Map.of(), key).expect(201).string("id"));
    Map<String, String> forkKey = Map.of("Idempotency-Key", Given.unique("fork"));
    String fork = "/snapshots/" + id + "/fork";
    try (Sandbox first = sandbox(given.api.json("POST", fork, Map.of(), forkKey))) {
      assertEquals(first.id(), sandbox(given.api.json("POST", fork, Map.of(), forkKey)).id());
    }
  }

  @Test
  void aNamePinsASnapshot() {
    // Time enough to name it, however slow the machine is.
    String id = take(sandbox, Map.of("expiration_seconds", 10)).string("id");
    String name = Given.unique("pin");
    Map<String, Object> body = Map.of("name", name, "snapshot_id", id);
    given.api.post("/named-snapshots", body).expect(201);
    given.api.post("/named-snapshots", body).expectError(409, "SNAPSHOT_ALREADY_NAMED");
    given
        .api
        .post("/named-snapshots", Map.of("name", name, "sandbox_id", sandbox.id()))
        .expectError(409, "NAME_TAKEN");
    given.api.delete("/snapshots/" + id).expectError(409, "SNAPSHOT_IN_USE");
    given.api.delete(sandbox.at("/snapshots/" + id)).expectError(409, "SNAPSHOT_IN_USE");
    assertEquals(
        "named_snapshot",
        given.api.get("/snapshots/" + id).json().path("dependents").get(0).path("type").asString());
    assertFalse(given.api.get("/snapshots?q=" + id).expect(200).text().contains(id));
    assertTrue(given.api.get("/admin/snapshots?limit=1000").expect(200).text().contains(id));
    try (Sandbox deployed =
        sandbox(given.api.post("/named-snapshots/" + name + "/deploy", Map.of()))) {
      assertEquals("", deployed.run("true"));
    }
    assertEquals("released", given.api.delete("/named-snapshots/" + name).string("outcome"));
    // Nothing holds it any more once it is past its time.
    Given.eventually(90, "it expires", () -> given.api.get("/snapshots/" + id).status() == 404);
  }

  @Test
  void aSnapshotThatWasTakenForANameGoesWithIt() {
    String name = Given.unique("own");
    Reply made =
        given
            .api
            .post("/named-snapshots", Map.of("name", name, "sandbox_id", sandbox.id()))
            .expect(201);
    JsonNode data = made.json().path("data");
    assertEquals("ready", data.path("status").asString());
    String id = data.path("snapshot_id").asString();
    assertTrue(given.api.get("/named-snapshots").expect(200).text().contains(name));
    assertEquals("deleted", given.api.delete("/named-snapshots/" + name).string("outcome"));
    given.api.get("/snapshots/" + id).expectError(404, "NOT_FOUND");
    given.api.delete("/named-snapshots/" + name).expectError(404, "NOT_FOUND");
    given.api.get("/named-snapshots/" + name).expectError(404, "NOT_FOUND");
  }

  @Test
  void newerOnesPushOutOlderOnes() {
    try (Sandbox few =
        given.aSandbox().with("metadata", Map.of("keep_last_snapshots", 2)).running()) {
      String kept = take(few, Map.of("keep", true)).string("id");
      for (int i = 0; i < 3; i++) {
        take(few, Map.of());
      }
      Given.eventually(
          20,
          "two and the kept one are left",
          () -> given.api.get(few.at("/snapshots")).json().path("data").size() == 3);
      assertTrue(given.api.get(few.at("/snapshots")).text().contains(kept));
      deleteAll(few);
    }
  }

  @Test
  void historyGroupsAndBulkDelete() {
    try (Sandbox own = given.aSandbox().with("name", Given.unique("history")).running()) {
      List<String> ids =
          List.of(take(own, Map.of()).string("id"), take(own, Map.of()).string("id"));
      JsonNode history = given.api.get("/snapshots?resource_id=" + own.id()).expect(200).json();
      assertEquals(2, history.path("meta").path("total").asInt());
      assertEquals(ids.get(1), history.path("data").get(0).path("id").asString());
      assertEquals("sandbox", history.path("data").get(0).path("resource").path("type").asString());
      String name = given.api.get(own.at("")).string("name");
      JsonNode group =
          given.api.get("/snapshots/groups?q=" + name).expect(200).json().path("data").get(0);
      assertEquals(own.id(), group.path("resource_id").asString());
      assertEquals(2, group.path("count").asInt());
      Reply deleted =
          given
              .api
              .post("/snapshots/delete", Map.of("ids", List.of(ids.get(0), "snap_unknown")))
              .expect(200);
      assertEquals(ids.get(0), deleted.json().path("deleted").get(0).asString());
      assertEquals("NOT_FOUND", deleted.json().path("blocked").get(0).path("reason").asString());
      given
          .api
          .post("/snapshots/delete", Map.of("resource_id", own.id(), "all", true))
          .expectFieldError("confirm");
      given
          .api
          .post("/snapshots/delete", Map.of("resource_id", own.id(), "confirm", own.id()))
          .expectFieldError("all");
      given.api.post("/snapshots/delete", Map.of()).expectFieldError("ids");
      deleteAll(own);
      assertEquals(0, given.api.get(own.at("/snapshots")).json().path("data").size());
    }
  }

  @Test
  void historyGoesOnWhereACursorSaysAndNowhereElse() {
    try (Sandbox own = given.aSandbox().running()) {
      List<String> taken = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        taken.addFirst(take(own, Map.of()).string("id"));
      }
      String path = "/snapshots?resource_id=" + own.id() + "&limit=2";
      Reply first = given.api.get(path).expect(200);
      assertEquals(taken.subList(0, 2), ids(first.json().path("data")));
      String cursor = first.string("next_cursor");
      Reply last = given.api.get(path + "&cursor=" + cursor).expect(200);
      assertEquals(taken.subList(2, 3), ids(last.json().path("data")));
      assertTrue(last.json().path("next_cursor").isNull(), last::toString);
      // Damaged, cut off, and of another list: of an id of another kind.
      for (String wrong : List.of("zzz", cursor.substring(1), cursor.substring(0, 8), other(own))) {
        refusesCursor(path + "&cursor=" + wrong);
        refusesCursor(own.at("/snapshots?cursor=" + wrong));
      }
      for (String wrong : List.of("zzz", cursor, other(own).substring(0, 8))) {
        refusesCursor("/sandboxes?cursor=" + wrong);
      }
      given.api.get("/sandboxes?cursor=" + other(own)).expect(200);
      refusesCursor("/snapshots/groups?cursor=zzz");
      refusesCursor("/snapshots/groups?cursor=" + cursor);
      refusesCursor("/event-subscriptions?cursor=" + cursor);
      deleteAll(own);
    }
  }

  /** A cursor of the list of sandboxes. */
  private static String other(Sandbox at) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(at.id().getBytes(UTF_8));
  }

  private void refusesCursor(String path) {
    Reply refused = given.api.get(path).expectError(400, "INVALID_PARAM");
    assertTrue(refused.string("message").contains("cursor"), refused::toString);
  }

  private static List<String> ids(JsonNode list) {
    return list.valueStream().map(one -> one.path("id").asString()).toList();
  }

  @Test
  void itsFilesAreReadAndNothingElse() {
    sandbox.run(
        "mkdir -p /workspace/deep/in; echo inside > /workspace/deep/in/file;"
            + " ln -sfn / /workspace/deep/root; ln -sf /proc/1/root /workspace/deep/proc;"
            + " ln -sf loop /workspace/deep/loop; [ -p /workspace/deep/p ] || mkfifo /workspace/deep/p");
    String at = "/snapshots/" + take(sandbox, Map.of()).string("id");
    JsonNode folder = given.api.get(at + "/tree?path=/workspace/deep").expect(200).json();
    assertEquals("/workspace/deep", folder.path("path").asString());
    assertEquals(
        List.of("in dir", "loop symlink", "p other", "proc symlink", "root symlink"),
        folder
            .path("entries")
            .valueStream()
            .map(e -> e.path("name").asString() + " " + e.path("type").asString())
            .toList());
    assertTrue(given.api.get(at + "/tree").expect(200).text().contains("\"/workspace\""));
    Reply file = given.api.get(at + "/files?path=/workspace/deep/root/workspace/deep/in/file");
    assertEquals("inside\n", file.expect(200).text());
    assertEquals("application/octet-stream", file.header("content-type"));
    Reply tar = given.api.get(at + "/files?path=/workspace/deep").expect(200);
    assertEquals("application/x-tar", tar.header("content-type"));
    assertTrue(tar.text().contains("deep/in/file") && tar.text().contains("inside"));
    for (String path :
        List.of("/workspace/deep/proc/etc/passwd", "/workspace/deep/loop", "/workspace/none")) {
      given.api.get(at + "/files?path=" + path).expectError(404, "FILE_NOT_FOUND");
    }
    given.api.get(at + "/files?path=/workspace/deep/p").expectError(400, "NOT_A_FILE");
    given.api.get(at + "/tree?path=/workspace/deep/in/file").expectError(400, "NOT_A_FILE");
    given.api.get(at + "/files").expectError(400, "MISSING_PARAM");
    for (String path : List.of("etc", "..%2f..", "/" + "x".repeat(300), "/a%00b")) {
      Reply refused = given.api.get(at + "/files?path=" + path);
      assertEquals(400, refused.status(), refused::toString);
    }
    String etc = given.api.get(at + "/files?path=/../../../etc/hostname").expect(200).text();
    assertEquals(sandbox.run("cat /etc/hostname"), etc.strip());
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    String path = sandbox.at("/snapshots");
    given.api.post(path, Map.of("keep", true, "expiration_days", 3)).expectFieldError("keep");
    given.api.post(path, Map.of("retention_seconds", 0)).expectFieldError("retention_seconds");
    given.api.post(path, Map.of("expiration_days", -1)).expectFieldError("expiration_days");
    given.api.post(path, Map.of("comment", "x".repeat(5000))).expectFieldError("comment");
    given.api.post("/named-snapshots", Map.of("name", "a b")).expectFieldError("name");
    given.api.post("/named-snapshots", Map.of("name", "a")).expectFieldError("snapshot_id");
    given
        .api
        .post("/named-snapshots", Map.of("name", "a", "snapshot_id", "snap_none"))
        .expectError(404, "NOT_FOUND");
    given.api.post("/sandboxes/sbx-none/snapshots", Map.of()).expectError(404, "sandbox_not_found");
    String id = take(sandbox, Map.of()).string("id");
    try (Sandbox other = given.aSandbox().running()) {
      given.api.post(other.at("/restore/" + id), Map.of()).expectError(404, "NOT_FOUND");
      given.api.delete(other.at("/snapshots/" + id)).expectError(404, "NOT_FOUND");
    }
  }

  @Test
  void itIsToldAsItHappens() {
    String id = take(sandbox, Map.of()).string("id");
    given.api.delete("/snapshots/" + id).expect(200);
    Reply events =
        given.api.send(
            "GET",
            sandbox.at("/events?types=sandbox.snapshot.*&limit=1000"),
            java.net.http.HttpRequest.BodyPublishers.noBody(),
            Map.of("Accept", "application/json"));
    List<String> told =
        events
            .expect(200)
            .json()
            .path("data")
            .valueStream()
            .filter(event -> event.toString().contains(id))
            .map(event -> event.path("type").asString())
            .toList();
    assertEquals(
        List.of("sandbox.snapshot.creating", "sandbox.snapshot.ready", "sandbox.snapshot.deleted"),
        told,
        events::toString);
  }
}
