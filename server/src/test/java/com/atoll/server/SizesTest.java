package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.node.v1.Limits;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The size that a sandbox has on its node is the one that its owner was told. */
final class SizesTest {
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

  private Limits limits(String id) {
    return running.node().limited(id, Limits.getDefaultInstance()).getLimits();
  }

  private String sandbox() {
    Answer made = api.post("/sandboxes", "{\"cpu_count\":2,\"memory_mb\":1024}");
    assertEquals(201, made.status(), made.text());
    return made.json().path("id").asString();
  }

  @Test
  void aSizeThatTheNodeAloneKnowsIsTakenBack() {
    for (String path : new String[] {"", "/pause"}) {
      String id = sandbox();
      if (!path.isEmpty()) {
        assertEquals(200, api.post("/sandboxes/" + id + path, "{}").status());
      }
      Limits told = limits(id);
      assertEquals(2000, told.getCpuMillis());
      var _ = running.node().limited(id, Limits.newBuilder().setCpuMillis(8000).build());
      running.compared(() -> limits(id).equals(told));
    }
  }

  @Test
  void aSizeThatWasAskedForStays() {
    String id = sandbox();
    Answer resized = api.post("/sandboxes/" + id + "/resize", "{\"cpu_count\":1}");
    assertEquals(200, resized.status(), resized.text());
    // The second comparison goes by all that the first one has done.
    String other = sandbox();
    var _ = running.node().limited(other, Limits.newBuilder().setCpuMillis(8000).build());
    running.compared(() -> limits(other).getCpuMillis() == 2000);
    assertEquals(1000, limits(id).getCpuMillis());
  }
}
