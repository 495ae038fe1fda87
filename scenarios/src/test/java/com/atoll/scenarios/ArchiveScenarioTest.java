package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Snapshots off the machine: whole or not there, and the same when they come back. */
@Tag("fast")
@Tag("all")
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ArchiveScenarioTest {
  private final Given given = new Given();
  private final Host host = Host.of(given.target);
  private final Crashes crashes = new Crashes(given, host);
  private final Path archive = given.target.home().resolve("archive");
  private Sandbox sandbox;

  @BeforeAll
  void start() {
    sandbox = given.aSandbox().running();
    sandbox.run("head -c 4000000 /dev/urandom > /workspace/big");
  }

  @AfterAll
  void end() throws IOException {
    crashes.disarm();
    given.api.post(
        "/snapshots/delete",
        Map.of("resource_id", sandbox.id(), "all", true, "confirm", sandbox.id()));
    sandbox.close();
  }

  private String take() {
    return given.api.post(sandbox.at("/snapshots"), Map.of()).expect(201).string("id");
  }

  private JsonNode archived(String id) {
    return given.api.get("/snapshots/" + id).expect(200).json().path("data").path("archive");
  }

  private void archive(String id, boolean evict) {
    given.api.post("/snapshots/" + id + "/archive", Map.of("evict", evict)).expect(202);
  }

  private boolean is(String id, String status, boolean local) {
    Reply reply = given.api.get("/snapshots/" + id);
    JsonNode now = reply.json().path("data").path("archive");
    return reply.status() == 200
        && now.path("status").asString().equals(status)
        && now.path("local").asBoolean() == local;
  }

  /** A process that has just ended may be seen once more. */
  @BeforeEach
  void awaitApi() {
    Crashes.eventually(60, "it answers", () -> given.api.get(sandbox.at("")).status() == 200);
  }

  private JsonNode awaitArchived(String id, boolean local) {
    Crashes.eventually(90, id + " is archived", () -> is(id, "archived", local));
    return archived(id);
  }

  private List<Path> objects(String id) {
    try (Stream<Path> all = Files.walk(archive)) {
      return all.filter(file -> String.valueOf(file.getFileName()).contains(id)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path data(String id) {
    return objects(id).stream()
        .filter(file -> file.toString().endsWith(".data"))
        .findFirst()
        .orElseThrow();
  }

  private Sandbox fork(String id) {
    Reply reply = given.api.post("/snapshots/" + id + "/fork", Map.of()).expect(201);
    return new Sandbox(given.api, reply.string("id"), reply.string("slug"));
  }

  private void delete(String id) {
    given.api.delete("/snapshots/" + id).expect(200);
  }

  @Test
  void whatLeftTheMachineComesBackWhenItIsNeeded() throws IOException {
    sandbox.withFile("/workspace/small", "one");
    String sums = sandbox.run("sha256sum /workspace/big /workspace/small");
    String one = take();
    archive(one, false);
    long whole = awaitArchived(one, true).path("size_bytes").asLong();
    sandbox.withFile("/workspace/small", "two");
    String two = take();
    archive(two, true);
    JsonNode change = awaitArchived(two, false);
    assertEquals(one, change.path("parent_id").asString());
    assertTrue(whole > 4_000_000 && change.path("size_bytes").asLong() < whole / 100);
    assertEquals(whole, Files.size(data(one)));
    byte[] sealed = Files.readAllBytes(data(two));
    assertFalse(new String(sealed, java.nio.charset.StandardCharsets.ISO_8859_1).contains("small"));
    archive(one, true);
    awaitArchived(one, false);
    // Deleted, but what stands on it needs what it left in the archive.
    delete(one);
    given.api.get("/snapshots/" + one).expect(404);
    assertEquals(2, objects(one).size());
    try (Sandbox back = fork(two)) {
      assertEquals("two", back.file("/workspace/small"));
      assertEquals(sums.lines().findFirst().orElseThrow(), back.run("sha256sum /workspace/big"));
    }
    assertTrue(is(two, "archived", true), () -> archived(two).toString());
    assertTrue(
        given.api.get("/snapshots/" + two + "/files?path=/workspace/small").text().equals("two"));
    delete(two);
    Given.eventually(60, "both are gone", () -> objects(one).isEmpty() && objects(two).isEmpty());
    told(two, "uploading", "archived", "evicted", "restoring", "restored", "deleted");
  }

  private void told(String id, String... what) {
    String events = given.api.get("/activity?resource_id=" + id).expect(200).text();
    for (String each : what) {
      assertTrue(events.contains("sandbox.snapshot." + each), each + " of " + id + ": " + events);
    }
  }

  @Test
  void whatWasChangedInTheArchiveIsRefused() throws IOException {
    sandbox.withFile("/workspace/small", "whole");
    String id = take();
    archive(id, true);
    awaitArchived(id, false);
    // Answered once they have left: a copy that is damaged before that keeps them here.
    archive(id, true);
    awaitArchived(id, false);
    Path data = data(id);
    byte[] right = Files.readAllBytes(data);
    byte[] wrong = right.clone();
    wrong[wrong.length / 2] ^= 1;
    for (byte[] bad :
        List.of(wrong, java.util.Arrays.copyOf(right, right.length - 1), new byte[0])) {
      Files.write(data, bad);
      given.api.post("/snapshots/" + id + "/fork", Map.of()).expectError(409, "ARCHIVE_DAMAGED");
    }
    Files.delete(data);
    given.api.post("/snapshots/" + id + "/fork", Map.of()).expectError(409, "ARCHIVE_DAMAGED");
    Files.write(data, right);
    try (Sandbox back = fork(id)) {
      assertEquals("whole", back.file("/workspace/small"));
    }
    // The copy is damaged again: the files that are here stay.
    Files.write(data, new byte[10]);
    given
        .api
        .post("/snapshots/" + id + "/archive", Map.of("evict", true))
        .expectError(409, "ARCHIVE_DAMAGED");
    try (Sandbox still = fork(id)) {
      assertEquals("whole", still.file("/workspace/small"));
    }
    archive(id, false);
    awaitArchived(id, true);
    delete(id);
  }

  /** The node dies before its answer, and what the copy is a change of goes before the retry. */
  @Test
  void aCopyWhoseParentGoesBeforeItsAnswerComesIsMadeAnew() throws IOException {
    String one = take();
    archive(one, false);
    awaitArchived(one, true);
    sandbox.withFile("/workspace/small", "second");
    String two = take();
    crashes.arm("node.archive.after-manifest");
    archive(two, false);
    crashes.await("node.archive.after-manifest");
    insist(() -> given.api.delete("/snapshots/" + one));
    awaitArchived(two, true);
    insist(() -> given.api.post("/snapshots/" + two + "/archive", Map.of("evict", true)));
    awaitArchived(two, false);
    try (Sandbox back = fork(two)) {
      assertEquals("second", back.file("/workspace/small"));
    }
    delete(two);
    Crashes.eventually(
        90, "nothing is left", () -> objects(one).isEmpty() && objects(two).isEmpty());
  }

  @Test
  void aChangeComesBackWhateverHappenedToTheCopyOfItsParent() throws IOException {
    String one = take();
    archive(one, false);
    awaitArchived(one, true);
    sandbox.withFile("/workspace/small", "change");
    String two = take();
    archive(two, true);
    awaitArchived(two, false);
    Files.write(data(one), new byte[10]);
    try (Sandbox back = fork(two)) {
      assertEquals("change", back.file("/workspace/small"));
    }
    archive(two, true);
    awaitArchived(two, false);
    // Found damaged, and made anew from the files that are here.
    given
        .api
        .post("/snapshots/" + one + "/archive", Map.of("evict", true))
        .expectError(409, "ARCHIVE_DAMAGED");
    archive(one, true);
    awaitArchived(one, false);
    try (Sandbox back = fork(two)) {
      assertEquals("change", back.file("/workspace/small"));
    }
    delete(two);
    delete(one);
  }

  @Test
  void anotherOrganizationSeesNothingOfIt() {
    String id = take();
    given.stranger.post("/snapshots/" + id + "/archive", Map.of()).expectError(404, "NOT_FOUND");
    given.api.post("/snapshots/snap_none/archive", Map.of()).expectError(404, "NOT_FOUND");
    given.api.post("/snapshots/" + id + "/archive", Map.of("evict", "maybe")).expect(422);
    assertTrue(archived(id).isNull());
    delete(id);
  }

  @Test
  void oneThatIsDeletedOnItsWayLeavesNothing() {
    sandbox.run("head -c 30000000 /dev/urandom > /workspace/much");
    String id = take();
    archive(id, true);
    delete(id);
    sandbox.run("rm /workspace/much");
    Given.eventually(90, "nothing is left", () -> objects(id).isEmpty());
  }

  /**
   * Every step of the server, and of the node the middle of each way; module node has the others.
   */
  static Stream<String> points() {
    return Crashes.sample(
        Crashes.points("archive")
            .filter(point -> point.startsWith("server") || point.endsWith("-begin")));
  }

  @ParameterizedTest
  @MethodSource("points")
  void aCrashLosesNothingAndLeavesNothingHalf(String point) {
    sandbox.withFile("/workspace/small", point);
    String id = take();
    boolean returns = point.contains("arrival") || point.endsWith("restore");
    if (returns) {
      archive(id, true);
      awaitArchived(id, false);
    }
    crashes.arm(point);
    Reply first =
        insist(() ->
            returns
                ? given.api.post("/snapshots/" + id + "/fork", Map.of())
                : given.api.post("/snapshots/" + id + "/archive", Map.of("evict", true)));
    crashes.await(point);
    if (!returns) {
      awaitArchived(id, false);
    }
    Reply fork =
        first.status() == 201
            ? first
            : insist(() -> given.api.post("/snapshots/" + id + "/fork", Map.of())).expect(201);
    try (Sandbox back = new Sandbox(given.api, fork.string("id"), fork.string("slug"))) {
      Crashes.eventually(
          30,
          "its file is there",
          () -> given.api.get(back.at("/fs/download?path=/workspace/small")).text().equals(point));
    }
    insist(() -> given.api.delete("/snapshots/" + id));
    Crashes.eventually(90, "nothing is left", () -> objects(id).isEmpty());
  }

  private interface Asked {
    Reply send();
  }

  /** Asks until somebody answers and says neither that the machine nor the archive is away. */
  private static Reply insist(Asked asked) {
    Reply[] last = new Reply[1];
    Crashes.eventually(
        60,
        "an answer",
        () -> {
          last[0] = asked.send();
          return last[0].status() < 500 && last[0].status() != 409;
        });
    return last[0];
  }
}
