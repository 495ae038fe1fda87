package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is said of the volumes that a create names, and of those that a fork does not have. */
final class VolumesOfSandboxesTest {
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

  private String volume() {
    Answer made = api.post("/volumes", "{\"name\":\"files\",\"size_gb\":1,\"region\":\"local\"}");
    assertEquals(201, made.status(), made.text());
    return made.json().path("id").asString();
  }

  private void wrong(String path, String body, String field) {
    Answer refused = api.post(path, body);
    assertEquals(422, refused.status(), refused.text());
    assertTrue(refused.json().path("errors").has(field), refused.text());
  }

  @Test
  void aWrongVolumeOfACreateIsNamedWithItsField() {
    String one = volume();
    String good = "{\"volume_id\":\"%s\",\"mount_path\":\"/data\"}".formatted(one);
    String create = "{\"volumes\":[%s,{\"volume_id\":\"%s\",\"mount_path\":\"%s\"}]}";
    wrong("/sandboxes", create.formatted(good, volume(), "data"), "volumes[1].mount_path");
    wrong("/sandboxes", create.formatted(good, volume(), "/proc"), "volumes[1].mount_path");
    wrong("/sandboxes", create.formatted(good, volume(), "/data/in"), "volumes[1].mount_path");
    wrong("/sandboxes", create.formatted(good, one, "/more"), "volumes[1].volume_id");
    wrong("/sandboxes", create.formatted(good, "vol_none", "/more"), "volumes[1].volume_id");
  }

  @Test
  void aNameOfAVolumeIsOneLineWithoutSlashes() {
    for (String name : new String[] {"x\\ny", "../x", "a\\u0000b", "a\\u0085b", ""}) {
      wrong("/volumes", "{\"name\":\"%s\",\"size_gb\":1}".formatted(name), "name");
    }
    String id = volume();
    Answer refused = api.call("PATCH", "/volumes/" + id, "{\"name\":\"a/b\"}");
    assertEquals(422, refused.status(), refused.text());
  }

  @Test
  void aRegionIsOneThatThereIs() {
    wrong("/volumes", "{\"name\":\"v\",\"size_gb\":1,\"region\":\"nowhere\"}", "region");
    wrong("/sandboxes", "{\"region\":\"nowhere\"}", "region");
    String there = api.get("/regions").json().path("data").path(0).path("id").asString();
    for (String region : new String[] {there, ""}) {
      Answer made = api.post("/sandboxes", "{\"region\":\"%s\"}".formatted(region));
      assertEquals(201, made.status(), made.text());
      api.delete("/sandboxes/" + made.json().path("id").asString());
    }
  }

  @Test
  void aForkSaysWhichVolumesItDoesNotHave() {
    String volume = volume();
    String source =
        api.post(
                "/sandboxes",
                "{\"volumes\":[{\"volume_id\":\"%s\",\"mount_path\":\"/data\"}]}".formatted(volume))
            .json()
            .path("id")
            .asString();
    Answer taken = api.post("/sandboxes/" + source + "/snapshots", "{}");
    String snapshot = taken.json().path("id").asString();
    String body = "{\"snapshot_id\":\"%s\"}".formatted(snapshot);
    ApiClient keyed = api.with("Idempotency-Key", "fork-1");
    Answer fork = keyed.post("/sandboxes/" + source + "/fork", body);
    assertEquals(201, fork.status(), fork.text());
    String warning = fork.json().path("warnings").path(0).asString();
    assertTrue(warning.contains(volume) && warning.contains("/data"), fork.text());
    Answer again = keyed.post("/sandboxes/" + source + "/fork", body);
    assertEquals(fork.json().path("warnings"), again.json().path("warnings"));
    String child = fork.json().path("id").asString();
    api.delete("/sandboxes/" + child);
    api.delete("/sandboxes/" + source);
  }
}
