package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** An archived snapshot becomes one of another organization, by a ticket and by nothing else. */
@Tag("fast")
@Tag("all")
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ImportedSnapshotScenarioTest {
  private final Given given = new Given();
  private final Crashes crashes = new Crashes(given, Host.of(given.target));
  private Sandbox source;
  private String archived;

  @BeforeAll
  void oneIsArchived() {
    source =
        given
            .aSandbox()
            .with("env", Map.of("SECRET", "sealed"))
            .with("metadata", Map.of("color", "green"))
            .with(
                "services",
                List.of(
                    Map.of(
                        "name",
                        "tick",
                        "command",
                        "echo $WORD; exec sleep 900",
                        "env",
                        Map.of("WORD", "tock"))))
            .running()
            .withFile("/workspace/file", "kept");
    archived = Transfers.archive(given.api, source, false);
  }

  @AfterAll
  void end() throws IOException {
    crashes.disarm();
    given.api.delete("/snapshots/" + archived);
    source.close();
  }

  private String ticket() {
    return Transfers.ticket(given.api, archived);
  }

  @Test
  void itIsAnothersThenWithAllThatItHad() {
    Reply begun =
        given
            .stranger
            .post("/snapshots/import", Map.of("ticket", ticket(), "comment", "moved"))
            .expect(202);
    String id = begun.string("id");
    assertNotEquals(archived, id);
    Transfers.awaitReady(given.stranger, id);
    JsonNode row = given.stranger.get("/snapshots/" + id).expect(200).json().path("data");
    assertEquals("moved", row.path("comment").asString());
    assertTrue(row.path("archive").isNull(), row::toString);
    given.api.get("/snapshots/" + id).expect(404);
    assertEquals(
        "kept", given.stranger.get("/snapshots/" + id + "/files?path=/workspace/file").text());
    Reply made = given.stranger.post("/snapshots/" + id + "/fork", Map.of()).expect(201);
    try (Sandbox moved = new Sandbox(given.stranger, made.string("id"), made.string("slug"))) {
      Transfers.isAsTheSource(given.stranger, moved);
      assertEquals("green", made.json().path("metadata").path("color").asString());
      given.api.get(moved.at("/services")).expect(404);
    }
    String events = given.stranger.get("/activity?resource_id=" + id).expect(200).text();
    for (String what : List.of("importing", "ready")) {
      assertTrue(events.contains("sandbox.snapshot." + what), events);
    }
    // It is one of theirs: what becomes of the first one is nothing to it.
    given.stranger.delete("/snapshots/" + id).expect(200);
    assertEquals(
        "kept", given.api.get("/snapshots/" + archived + "/files?path=/workspace/file").text());
  }

  @Test
  void whatIsNoTicketOpensNothing() {
    String good = ticket();
    String last = good.endsWith("A") ? "B" : "A";
    for (String bad :
        List.of(
            "",
            "x",
            good.substring(0, good.length() - 1) + last,
            good.substring(0, 60),
            good + "AAAA",
            good.toUpperCase(java.util.Locale.ROOT),
            "att1." + good.split("\\.", 3)[1] + "." + "A".repeat(120))) {
      given.stranger.post("/snapshots/import", Map.of("ticket", bad)).expectFieldError("ticket");
    }
    given
        .stranger
        .post("/snapshots/import", Map.of("ticket", "att1.0123456789abcdef." + "A".repeat(120)))
        .expectError(409, "ARCHIVE_NOT_TRUSTED");
    given.stranger.post("/snapshots/import", Map.of()).expectFieldError("ticket");
    given
        .stranger
        .post("/snapshots/import", Map.of("ticket", good, "retention_seconds", -1))
        .expectFieldError("retention_seconds");
    given.stranger.post("/snapshots/" + archived + "/ticket", Map.of()).expect(404);
    given
        .api
        .post("/snapshots/" + archived + "/ticket", Map.of("ttl_seconds", 5))
        .expectFieldError("ttl_seconds");
    String plain = given.api.post(source.at("/snapshots"), Map.of()).expect(201).string("id");
    given.api.post("/snapshots/" + plain + "/ticket", Map.of()).expectError(409, "RESOURCE_STATE");
    given.api.delete("/snapshots/" + plain).expect(200);
    assertFalse(good.contains(archived), "a ticket tells what it is for");
  }

  @Test
  void aTicketOfADeletedSnapshotIsWorthNothing() {
    String gone = Transfers.archive(given.api, source, true);
    String ticket = Transfers.ticket(given.api, gone);
    given.api.delete("/snapshots/" + gone).expect(200);
    given
        .stranger
        .post("/snapshots/import", Map.of("ticket", ticket))
        .expectError(404, "NOT_FOUND");
  }

  static Stream<String> points() {
    return Crashes.sample(Crashes.points("import"));
  }

  /** It is ready, whole, or it has failed; what is half there is nobody's. */
  @ParameterizedTest
  @MethodSource("points")
  void aCrashLeavesNothingHalf(String point) {
    String key = Given.unique("import");
    Map<String, Object> body = Map.of("ticket", ticket());
    crashes.arm(point);
    Reply begun = insist(body, key);
    crashes.await(point);
    String[] status = new String[1];
    Crashes.eventually(
        120,
        "it is settled",
        () -> {
          Reply now = given.stranger.get("/snapshots/" + begun.string("id"));
          status[0] = now.status() == 200 ? now.json().path("data").path("status").asString() : "";
          return status[0].equals("ready") || status[0].equals("failed");
        });
    // Whoever asks again with the same key gets one that is there.
    String id = status[0].equals("ready") ? begun.string("id") : insist(body, key).string("id");
    Transfers.awaitReady(given.stranger, id);
    assertEquals(
        "kept", given.stranger.get("/snapshots/" + id + "/files?path=/workspace/file").text());
    given.stranger.delete("/snapshots/" + id).expect(200);
    given.stranger.delete("/snapshots/" + begun.string("id"));
  }

  private Reply insist(Map<String, Object> body, String key) {
    Reply[] last = new Reply[1];
    Crashes.eventually(
        60,
        "an answer",
        () -> {
          last[0] =
              given.stranger.json(
                  "POST", "/snapshots/import", body, Map.of("Idempotency-Key", key));
          return last[0].status() == 202;
        });
    return last[0];
  }
}
