package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** What a sandbox may reach is what its forks and the sandboxes of its snapshots may reach. */
@Tag("fast")
@Tag("all")
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EgressForksScenarioTest {
  private final Given given = new Given();
  private Egress egress;

  @BeforeAll
  void start() {
    egress = new Egress(given);
  }

  @AfterAll
  void stop() {
    egress.close();
  }

  private Sandbox made(String path, Map<String, Object> body) {
    Reply reply = given.api.post(path, body).expect(201);
    return new Sandbox(given.api, reply.string("id"), reply.string("slug"));
  }

  /** The first thing that runs in it is not let out. */
  private static void assertLocked(Sandbox one) {
    assertNotEquals("0", one.run(Egress.PORT.formatted(Outside.ADDRESS, 8080)));
    assertEquals("403", Egress.status(one, "http://shut.test/"));
    assertEquals("200", Egress.status(one, "http://open.test/"));
  }

  private JsonNode policies(Sandbox of) {
    return given
        .api
        .get("/egress/policies?resource_type=sandbox&resource_id=" + of.id())
        .expect(200)
        .json()
        .path("policies");
  }

  @Test
  void aForkIsLockedFromItsFirstCommandOnAndGoesItsOwnWay() {
    try (Sandbox source = given.aSandbox().running()) {
      String lock = egress.lock(source);
      String rule = egress.rule(source, "allow", "open.test", Map.of("policy_id", lock));
      try (Sandbox fork = made(source.at("/fork"), Map.of())) {
        assertLocked(fork);
        assertEquals(1, policies(fork).size());
        assertNotEquals(lock, policies(fork).get(0).path("id").asString());
        given.api.json("PATCH", fork.at(""), Map.of("metadata", Map.of()), Map.of()).expect(200);
        given.api.delete("/egress/policies/" + lock).expect(204);
        given.api.delete("/egress/allowlist/" + rule).expect(404);
        assertEquals("200", Egress.status(source, "http://shut.test/"));
        assertLocked(fork);
        try (Sandbox again = made(fork.at("/fork"), Map.of())) {
          assertLocked(again);
        }
        given.api.delete(fork.at("/network-policy")).expect(200);
        assertEquals("200", Egress.status(fork, "http://shut.test/"));
      }
    }
  }

  @Test
  void aSnapshotKeepsWhatHeldWhenItWasTaken() {
    Sandbox source = given.aSandbox().running();
    egress.lock(source);
    egress.rule(source, "allow", "open.test", Map.of());
    String id =
        given.api.post(source.at("/snapshots"), Map.of("keep", true)).expect(201).string("id");
    String name = Given.unique("locked");
    given.api.post("/named-snapshots", Map.of("name", name, "snapshot_id", id)).expect(201);
    given.api.delete(source.at("/network-policy")).expect(200);
    assertEquals("200", Egress.status(source, "http://shut.test/"));
    try (Sandbox restored = made(source.at("/restore/" + id), Map.of())) {
      assertLocked(restored);
    }
    source.close();
    try (Sandbox forked = made("/snapshots/" + id + "/fork", Map.of());
        Sandbox deployed = made("/named-snapshots/" + name + "/deploy", Map.of())) {
      assertLocked(forked);
      assertLocked(deployed);
    }
    given.api.delete("/named-snapshots/" + name);
    given.api.post("/snapshots/delete", Map.of("snapshot_ids", new String[] {id}, "confirm", id));
  }

  @Test
  void aDenialAloneGoesAlongToo() {
    try (Sandbox source = given.aSandbox().running()) {
      egress.rule(source, "deny", "shut.test", new HashMap<>());
      try (Sandbox fork = made(source.at("/fork"), Map.of())) {
        assertEquals("403", Egress.status(fork, "http://shut.test/"));
        assertEquals("200", Egress.status(fork, "http://open.test/"));
      }
      try (Sandbox free = given.aSandbox().running();
          Sandbox fork = made(free.at("/fork"), Map.of())) {
        assertEquals("200", Egress.status(fork, "http://shut.test/"));
      }
    }
  }
}
