package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where sandboxes and volumes may be asked to be. */
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

  private void wrong(String path, String body, String field) {
    Answer refused = api.post(path, body);
    assertEquals(422, refused.status(), refused.text());
    assertTrue(refused.json().path("errors").has(field), refused.text());
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
}
