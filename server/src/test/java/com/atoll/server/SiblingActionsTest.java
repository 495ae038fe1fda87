package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a policy or a scope keeps somebody from is not done by another operation either. */
final class SiblingActionsTest {
  private PlatformWithNode running;
  private ApiClient owner;
  private String sandbox;
  private String volume;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    owner = running.someone();
    sandbox = id(owner.post("/sandboxes", "{}"));
    volume = id(owner.post("/volumes", "{\"name\":\"files\",\"size_gb\":1}"));
  }

  @AfterEach
  void end() throws Exception {
    running.close();
  }

  private static JsonNode flat(Answer answer) {
    assertTrue(answer.status() < 300, answer.text());
    return answer.json().has("id") ? answer.json() : answer.json().path("data");
  }

  private static String id(Answer answer) {
    return flat(answer).path("id").asString();
  }

  private ApiClient having(String... scopes) {
    String list = "\"" + String.join("\",\"", scopes) + "\"";
    Answer made = owner.post("/api-keys", "{\"name\":\"k\",\"scopes\":[" + list + "]}");
    assertEquals(201, made.status(), made.text());
    String key = made.json().path("key").asString("");
    return running.as(key.isEmpty() ? made.json().path("data").path("key").asString() : key);
  }

  private String snapshot() {
    return id(owner.post("/sandboxes/" + sandbox + "/snapshots", "{}"));
  }

  private void deny(String action) {
    String rule = "{\"decision\":\"deny\",\"roles\":[\"user\"]}";
    Answer set = owner.call("PUT", "/actions/verdicts/" + action, rule);
    assertEquals(200, set.status(), set.text());
  }

  private static void denied(String action, Answer answer) {
    assertEquals(403, answer.status(), answer.text());
    assertEquals("ACTION_DENIED", answer.code(), answer.text());
    assertTrue(answer.text().contains(action), answer.text());
  }

  private String with(String more) {
    return "{\"command\":\"true\",\"volumes\":[{\"volume_id\":\"%s\"%s}]}".formatted(volume, more);
  }

  private static void outOfScope(String scope, Answer answer) {
    assertEquals(403, answer.status(), answer.text());
    assertEquals("insufficient_scope", answer.code(), answer.text());
    assertTrue(answer.text().contains(scope), answer.text());
  }

  @Test
  void aKeyWithoutVolumesBeginsNoSandboxWithOne() {
    ApiClient none = having("sandboxes:create", "sandboxes:exec");
    outOfScope("volumes:write", none.post("/sandboxes", with("")));
    outOfScope("volumes:write", none.post("/sandboxes/run", with("")));
    outOfScope("volumes:read", none.post("/sandboxes", with(",\"read_only\":true")));
    ApiClient reader = having("sandboxes:create", "sandboxes:exec", "volumes:read");
    outOfScope("volumes:write", reader.post("/sandboxes", with("")));
    assertEquals(201, reader.post("/sandboxes", with(",\"read_only\":true")).status());
    ApiClient writer = having("sandboxes:create", "sandboxes:exec", "volumes:write");
    assertEquals(201, writer.post("/sandboxes", with("")).status());
  }

  @Test
  void whoMayAttachNoVolumeBeginsNoSandboxWithOne() {
    ApiClient user = having("sandboxes:*", "volumes:*");
    deny("volume.attach");
    denied(
        "volume.attach",
        user.post("/sandboxes/" + sandbox + "/volumes", "{\"volume_id\":\"" + volume + "\"}"));
    denied("volume.attach", user.post("/sandboxes", with("")));
    denied("volume.attach", user.post("/sandboxes/run", with("")));
    assertEquals(201, user.post("/sandboxes", "{}").status());
  }

  @Test
  void whoMayRestoreNoSnapshotForksNoneEither() {
    ApiClient user = having("sandboxes:*");
    String snapshot = snapshot();
    deny("sandbox.snapshot.restore");
    String fork = "/sandboxes/" + sandbox + "/fork";
    denied(
        "sandbox.snapshot.restore",
        user.post("/sandboxes/" + sandbox + "/restore/" + snapshot, "{}"));
    denied("sandbox.snapshot.restore", user.post(fork, "{\"snapshot_id\":\"" + snapshot + "\"}"));
    assertEquals(201, user.post(fork, "{}").status());
  }

  @Test
  void whoMayDeleteNoSnapshotDoesSoInNoWay() {
    ApiClient user = having("sandboxes:*");
    String snapshot = snapshot();
    deny("snapshots.delete");
    denied("snapshots.delete", user.delete("/snapshots/" + snapshot));
    denied("snapshots.delete", user.delete("/sandboxes/" + sandbox + "/snapshots/" + snapshot));
    denied("snapshots.delete", user.post("/snapshots/delete", "{\"ids\":[\"" + snapshot + "\"]}"));
    assertEquals(200, owner.delete("/snapshots/" + snapshot).status());
  }

  @Test
  void whoMayCreateNoVolumeCopiesNone() {
    ApiClient user = having("volumes:*");
    deny("volume.create");
    denied("volume.create", user.post("/volumes/" + volume + "/snapshots", "{}"));
  }
}
