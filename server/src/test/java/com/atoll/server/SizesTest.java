package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.Limits;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

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

  @Test
  void aSizeThatTheMachineHasNotIsToldByItsOwnCode() {
    String id = sandbox();
    for (Answer refused :
        List.of(
            api.call("PATCH", "/sandboxes/" + id + "/resources", "{\"cpu_count\":64}"),
            api.post("/sandboxes/" + id + "/resize", "{\"cpu_count\":64}"))) {
      assertEquals(422, refused.status(), refused.text());
      assertEquals("PLAN_CAP_EXCEEDED", refused.code());
      assertTrue(refused.json().path("errors").has("cpu_count"), refused.text());
    }
    Answer made =
        api.post("/sandboxes", "{\"cpu_count\":64,\"memory_mb\":1024,\"disk_size_mb\":1024}");
    assertEquals("VALIDATION_FAILED", made.code(), made.text());
  }

  @Test
  void theCatalogueOffersNoSizeThatTheMachineHasNot() {
    running.node().built.add("miosa-sandbox");
    JsonNode template = api.get("/templates").json().path("templates").get(0);
    assertEquals(5, template.path("sizes").size(), template::toString);
    for (JsonNode size : template.path("sizes")) {
      boolean fits = !size.path("size").asString().equals("xl");
      String state = size.path("state").asString();
      assertEquals(fits ? "cold_boot_only" : "unavailable", state, size::toString);
      assertEquals(fits, size.path("cold_boot_only").asBoolean(), size::toString);
      assertEquals(fits ? 0 : 1, size.path("unavailable_nodes").asInt(), size::toString);
    }
  }

  @Test
  void aLookAtAPausedSandboxIsToldThatItWakesNone() {
    String id = sandbox();
    assertEquals(200, api.post("/sandboxes/" + id + "/pause", "{}").status());
    for (String path : List.of("/code/contexts", "/logs")) {
      Answer refused = api.get("/sandboxes/" + id + path);
      assertEquals(409, refused.status(), refused.text());
      assertEquals("SANDBOX_NOT_RUNNING", refused.code());
      assertTrue(refused.text().contains("is paused"), refused.text());
    }
  }

  @Test
  void environmentsOfMachinesAreNotInThisRelease() {
    Answer refused = api.post("/sandboxes", "{\"environment\":\"env_1\"}");
    assertEquals(501, refused.status(), refused.text());
    assertEquals("NOT_IMPLEMENTED", refused.code());
  }
}
