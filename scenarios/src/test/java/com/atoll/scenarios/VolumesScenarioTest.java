package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Volumes outlive sandboxes, have the size and the writers that were asked for, and follow. */
@Tag("fast")
@Tag("all")
final class VolumesScenarioTest {
  private final Given given = new Given();

  @Test
  void aCreateTakesAVolumeFromTheWarmPoolAndTheFilesOutliveTheSandbox() {
    try (Volume volume = Volume.of(given.api)) {
      Reply made = with(volume, "/data").expect(201);
      assertEquals("warm_pool", made.string("boot_path"));
      try (Sandbox first = sandbox(made)) {
        first.run("mkdir /data/deep && echo kept > /data/deep/file && chown 33:33 /data/deep/file");
        JsonNode shown = given.api.get(volume.at("")).expect(200).json();
        assertEquals("attached", shown.path("status").asString());
        assertEquals(first.id(), shown.path("attachments").path(0).path("sandbox_id").asString());
        given.api.delete(volume.at("")).expectError(409, "CONFLICT");
      }
      try (Sandbox second = sandbox(with(volume, "/other/place").expect(201))) {
        assertEquals("kept", second.run("cat /other/place/deep/file"));
        assertEquals("33", second.run("stat -c %u /other/place/deep/file"));
        assertEquals("kept\n", second.file("/other/place/deep/file"));
      }
      assertEquals("available", given.api.get(volume.at("")).expect(200).string("status"));
    }
  }

  @Test
  void itIsAttachedAndDetachedWhileTheSandboxRuns() {
    try (Volume volume = Volume.of(given.api);
        Sandbox sandbox = given.aSandbox().running()) {
      sandbox.run("nohup sleep 1000 >/dev/null 2>&1 &");
      Reply attached =
          given
              .api
              .post(
                  sandbox.at("/volumes"), Map.of("volume_id", volume.id(), "mount_path", "/data/"))
              .expect(201);
      assertEquals("/data", attached.string("mount_path"));
      assertEquals("attached", attached.string("status"));
      // The same wish is the same attachment.
      Reply again =
          given
              .api
              .post(sandbox.at("/volumes"), Map.of("volume_id", volume.id(), "mount_path", "/data"))
              .expect(201);
      assertEquals(attached.string("id"), again.string("id"));
      sandbox.run("echo one > /data/one");
      assertEquals("1", sandbox.run("pgrep -c sleep"));
      assertEquals(1, given.api.get(sandbox.at("/volumes")).expect(200).json().path("data").size());

      given.api.post(sandbox.at("/processes"), Map.of("command", "cd /data && sleep 100"));
      Given.eventually(
          10,
          "it is in use",
          () ->
              sandbox.exec("fuser -s -m /data || ls -l /proc/*/cwd | grep -q /data").exitCode()
                  == 0);
      String detach = sandbox.at("/volumes/" + attached.string("id"));
      given.api.delete(detach).expectError(409, "RESOURCE_STATE");
      assertEquals("one", sandbox.run("cat /data/one"));
      sandbox.run("pkill -f 'sleep 100$'; sleep 0.3");
      given.api.delete(detach).expect(204);
      given.api.delete(detach).expect(404);
      assertEquals("", sandbox.run("ls /data"));
      given.api.post(sandbox.at("/volumes"), Map.of("volume_id", volume.id())).expect(201);
      assertEquals("one", sandbox.run("cat /mnt/" + volume.id() + "/one"));
      given.api.delete(sandbox.at("/volumes/" + volume.id())).expect(204);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pause", "stop"})
  void itFollowsASandboxThatStandsStill(String how) {
    try (Volume volume = Volume.of(given.api);
        Volume late = Volume.of(given.api);
        Sandbox sandbox = sandbox(with(volume, "/data").expect(201))) {
      sandbox.run("echo kept > /data/kept");
      given.api.post(sandbox.at("/" + how), Map.of()).expect(200);
      assertEquals("kept", sandbox.run("cat /data/kept"));
      given.api.post(sandbox.at("/" + how), Map.of()).expect(200);
      // What happens to a sandbox that stands still holds when it runs again.
      given.api.delete(sandbox.at("/volumes/" + volume.id())).expect(204);
      given
          .api
          .post(sandbox.at("/volumes"), Map.of("volume_id", late.id(), "mount_path", "/late"))
          .expect(201);
      assertEquals("paused", sandbox.state());
      given.api.post(sandbox.at("/resume"), Map.of()).expect(200);
      assertEquals("", sandbox.run("ls /data"));
      sandbox.run("echo late > /late/file && grep -q ' /late ' /proc/mounts");
    }
  }

  @Test
  void directoriesOnTheWayAreMadeAsByRootInside() {
    try (Volume volume = Volume.of(given.api);
        Sandbox sandbox = given.aSandbox().running()) {
      sandbox.run("mkdir -m 700 /opt/own && chown 1000:1000 /opt/own");
      given
          .api
          .post(
              sandbox.at("/volumes"),
              Map.of("volume_id", volume.id(), "mount_path", "/opt/own/in/it"))
          .expect(201);
      assertEquals("0 0 755", sandbox.run("stat -c '%u %g %a' /opt/own/in"));
      assertEquals("kept", sandbox.run("echo kept > /opt/own/in/it/a; cat /opt/own/in/it/a"));
    }
  }

  @Test
  void oneWriterOrManyAndReadersAlways() {
    try (Volume single = Volume.of(given.api);
        Volume shared = Volume.of(given.api, Map.of("access_mode", "many_writers"));
        Sandbox writer = sandbox(with(single, "/single").expect(201))) {
      with(single, "/x").expectError(409, "CONFLICT");
      Map<String, Object> readOnly =
          Map.of("volume_id", single.id(), "mount_path", "/single", "read_only", true);
      try (Sandbox reader =
          sandbox(
              create(List.of(readOnly, Map.of("volume_id", shared.id(), "mount_path", "/shared")))
                  .expect(201))) {
        given
            .api
            .post(writer.at("/volumes"), Map.of("volume_id", shared.id(), "mount_path", "/shared"))
            .expect(201);
        writer.run("echo a > /single/a; echo a > /shared/a");
        reader.run("echo b >> /shared/a");
        assertEquals("a\na\nb", reader.run("cat /single/a /shared/a"));
        assertTrue(reader.exec("touch /single/b").stderr().contains("Read-only"));
        given
            .api
            .post(reader.at("/volumes"), Map.of("volume_id", single.id(), "mount_path", "/w"))
            .expectError(409, "CONFLICT");
      }
      // A refused create leaves nothing.
      assertEquals(
          1, given.api.get(single.at("")).expect(200).json().path("attachment_count").asInt());
    }
  }

  @Test
  void itsSizeHoldsAndGrowsWhileItIsUsed() {
    try (Volume volume = Volume.of(given.api);
        Sandbox sandbox = sandbox(with(volume, "/data").expect(201))) {
      assertTrue(
          sandbox.exec("fallocate -l 1200M /data/big").stderr().contains("quota"),
          "the volume holds more than 1 GiB");
      given
          .api
          .json("PATCH", volume.at(""), Map.of("size_gb", 2, "name", "grown"), Map.of())
          .expect(200);
      sandbox.run("fallocate -l 1200M /data/big && sync");
      assertEquals("grown", given.api.get(volume.at("")).string("name"));
      Given.eventually(
          40,
          "what it holds is counted",
          () -> given.api.get(volume.at("")).json().path("used_bytes").asLong() > 1_200_000_000L);
      given
          .api
          .json("PATCH", volume.at(""), Map.of("size_gb", 1), Map.of())
          .expectFieldError("size_gb");
    }
  }

  @Test
  void aSnapshotHasTheFilesOfItsMoment() {
    try (Volume volume = Volume.of(given.api);
        Sandbox sandbox = sandbox(with(volume, "/data").expect(201))) {
      sandbox.run("echo first > /data/f");
      Reply made = given.api.post(volume.at("/snapshots"), Map.of("name", "then")).expect(201);
      assertEquals(volume.id(), made.string("source_volume_id"));
      try (Volume copy = new Volume(given.api, made.string("id"))) {
        sandbox.run("echo second > /data/f");
        given
            .api
            .post(sandbox.at("/volumes"), Map.of("volume_id", copy.id(), "mount_path", "/then"))
            .expect(201);
        assertEquals("second\nfirst", sandbox.run("cat /data/f /then/f"));
        JsonNode copies = given.api.get(volume.at("/snapshots")).expect(200).json().path("data");
        assertEquals(copy.id(), copies.path(0).path("id").asString());
        given.api.delete(sandbox.at("/volumes/" + copy.id())).expect(204);
      }
    }
  }

  @Test
  void aForkHasTheFilesOfItsSourceButNotItsVolumes() {
    try (Volume volume = Volume.of(given.api);
        Sandbox sandbox = sandbox(with(volume, "/data").expect(201))) {
      sandbox.run("echo volume > /data/f; echo own > /workspace/f");
      String snapshot = given.api.post(sandbox.at("/snapshots"), Map.of()).expect(201).string("id");
      Reply live = given.api.post(sandbox.at("/fork"), Map.of()).expect(201);
      Reply kept = given.api.post("/snapshots/" + snapshot + "/fork", Map.of()).expect(201);
      try (Sandbox one = sandbox(live);
          Sandbox other = sandbox(kept)) {
        for (Sandbox fork : List.of(one, other)) {
          assertEquals("own", fork.run("cat /workspace/f; ls /data"));
          assertEquals(
              0, given.api.get(fork.at("/volumes")).expect(200).json().path("data").size());
        }
        // The one writer is still the source.
        given
            .api
            .post(one.at("/volumes"), Map.of("volume_id", volume.id(), "mount_path", "/data"))
            .expectError(409, "CONFLICT");
        assertEquals("volume", sandbox.run("cat /data/f"));
        Reply made = given.api.post(volume.at("/snapshots"), Map.of("name", "copy")).expect(201);
        try (Volume copy = new Volume(given.api, made.string("id"))) {
          given
              .api
              .post(one.at("/volumes"), Map.of("volume_id", copy.id(), "mount_path", "/data"))
              .expect(201);
          assertEquals("volume", one.run("cat /data/f"));
          given.api.delete(one.at("/volumes/" + copy.id())).expect(204);
        }
      }
    }
  }

  @Test
  void badInputIsNamed() {
    given.api.post("/volumes", Map.of("name", "x")).expectFieldError("size_gb");
    given.api.post("/volumes", Map.of("size_gb", 1)).expectFieldError("name");
    for (Object size : List.of(0, -1, 17_000, "one", 1.5)) {
      given.api.post("/volumes", Map.of("name", "x", "size_gb", size)).expectFieldError("size_gb");
    }
    given
        .api
        .post("/volumes", Map.of("name", "x", "size_gb", 1, "access_mode", "all"))
        .expectFieldError("access_mode");
    given.api.get("/volumes/vol_nothing").expectError(404, "NOT_FOUND");
    given.api.get("/volumes?status=odd").expectError(400, "INVALID_PARAM");
    create(List.of(Map.of("volume_id", "vol_nothing"))).expectFieldError("volumes[0].volume_id");
    try (Volume volume = Volume.of(given.api);
        Sandbox sandbox = given.aSandbox().running()) {
      for (String path :
          List.of("data", "/", "/a/../b", "/proc/1", "/dev/.atoll/agent", "/etc", "/a\nb")) {
        Map<String, Object> wish = Map.of("volume_id", volume.id(), "mount_path", path);
        create(List.of(wish)).expectFieldError("volumes[0].mount_path");
        given.api.post(sandbox.at("/volumes"), wish).expectFieldError("mount_path");
      }
      Map<String, Object> here = Map.of("volume_id", volume.id(), "mount_path", "/a");
      create(List.of(here, here)).expectFieldError("volumes[1].volume_id");
      sandbox.run("ln -s /proc /link; ln -s /tmp /tmplink");
      for (String path : List.of("/link", "/tmplink/x", "/bin/sh")) {
        Reply refused =
            given.api.post(
                sandbox.at("/volumes"), Map.of("volume_id", volume.id(), "mount_path", path));
        assertTrue(refused.status() == 409 || refused.status() == 422, refused::toString);
      }
      assertEquals(0, given.api.get(sandbox.at("/volumes")).expect(200).json().path("data").size());
    }
  }

  @Test
  void aRepeatedCreateIsOneVolumeAndEachChangeIsAnEvent() {
    String key = Given.unique("volume");
    Map<String, Object> body = Map.of("name", key, "size_gb", 1);
    Map<String, String> headers = Map.of("Idempotency-Key", key);
    Reply first = given.api.json("POST", "/volumes", body, headers).expect(201);
    Reply second = given.api.json("POST", "/volumes", body, headers).expect(201);
    try (Volume volume = new Volume(given.api, first.string("id"))) {
      assertEquals(first.string("id"), second.string("id"));
      assertEquals("available", second.string("status"));
      assertEquals(1, given.api.get("/volumes?name=" + key).expect(200).json().path("data").size());
      sandbox(with(volume, "/data").expect(201)).close();
    }
    String path = "/events/stream?limit=100&resource_id=" + first.string("id");
    for (String type : List.of("created", "attached", "detached", "deleted")) {
      Given.eventually(
          10,
          "volume." + type + " is told",
          () ->
              given
                  .api
                  .send("GET", path, BodyPublishers.noBody(), Map.of("Accept", "application/json"))
                  .text()
                  .contains("volume." + type));
    }
  }

  private Reply with(Volume volume, String path) {
    return create(List.of(Map.of("volume_id", volume.id(), "mount_path", path)));
  }

  private Reply create(List<Map<String, Object>> volumes) {
    Map<String, Object> body = new HashMap<>(Map.of("size", "xs"));
    body.put("volumes", volumes);
    return given.api.post("/sandboxes", body);
  }

  private Sandbox sandbox(Reply made) {
    return new Sandbox(given.api, made.string("id"), made.string("slug"));
  }
}
