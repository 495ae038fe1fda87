package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a sandbox uses is measured, and stays counted when its machine does not. */
@Tag("fast")
@Tag("all")
final class MetersScenarioTest {
  private static final String BUSY = "timeout 2 sh -c 'while :; do :; done'; true";

  private final Given given = new Given();

  private JsonNode usage(Sandbox sandbox) {
    return given.api.get(sandbox.at("/usage")).expect(200).json();
  }

  @Test
  void cpuIsCountedOverAStopAndStaysKnownAfterTheEnd() {
    String id;
    long counted;
    try (Sandbox sandbox = given.aSandbox().running()) {
      id = sandbox.id();
      sandbox.run(BUSY);
      long first = usage(sandbox).path("active_cpu_ms").asLong();
      assertTrue(first > 300 && first < 60_000, () -> "CPU " + first);
      sandbox.run("head -c 30000000 /dev/urandom > /workspace/file; sync");
      assertTrue(usage(sandbox).path("disk_bytes").asLong() > 20_000_000);
      given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
      long stopped = usage(sandbox).path("active_cpu_ms").asLong();
      assertTrue(stopped >= first, () -> "after the stop " + stopped);
      sandbox.run(BUSY);
      counted = usage(sandbox).path("active_cpu_ms").asLong();
      assertTrue(counted > stopped + 300, () -> stopped + " then " + counted);
      JsonNode all = usage(sandbox);
      assertEquals("measured", all.path("measurement_status").path("active_cpu").asString());
      assertTrue(all.path("active_memory_mb_ms").asLong() > 0, all::toString);
    }
    Given.eventually(
        5,
        "the last use is known",
        () ->
            given
                    .api
                    .get("/sandboxes/" + id + "/usage")
                    .expect(200)
                    .json()
                    .path("active_cpu_ms")
                    .asLong()
                >= counted);
    given.stranger.get("/sandboxes/" + id + "/usage").expect(404);
  }

  @Test
  void whatWasUsedBeforeAPauseByItsOwnTimeIsCounted() {
    try (Sandbox sandbox = given.aSandbox().with("timeout_sec", 6).running()) {
      sandbox.run(BUSY);
      Given.eventually(20, "its time is over", () -> sandbox.state().equals("paused"));
      JsonNode used = usage(sandbox);
      assertTrue(used.path("active_cpu_ms").asLong() > 300, used::toString);
      assertTrue(used.path("active_memory_mb_ms").asLong() > 0, used::toString);
    }
  }

  @Test
  void aResizeLeavesWhatWasUsedBefore() {
    try (Sandbox sandbox = given.aSandbox().with("size", "xs").running()) {
      sandbox.run("sleep 2");
      resize(sandbox, 2, 4096);
      sandbox.run("sleep 2");
      resize(sandbox, 1, 512);
      JsonNode used = usage(sandbox);
      long vcpuMs = used.path("provisioned_vcpu_ms").asLong();
      long runMs = used.path("runtime_sec").asLong() * 1000;
      assertTrue(vcpuMs > runMs + 1500 && vcpuMs < 2 * runMs, used::toString);
      resize(sandbox, 2, 4096);
      long more = usage(sandbox).path("provisioned_vcpu_ms").asLong();
      assertTrue(more >= vcpuMs && more < vcpuMs + runMs, () -> vcpuMs + " then " + more);
    }
  }

  private void resize(Sandbox sandbox, int cpus, int memoryMb) {
    given
        .api
        .post(sandbox.at("/resize"), Map.of("cpu_count", cpus, "memory_mb", memoryMb))
        .expect(200);
  }

  @Test
  void aSeriesHasAPointOfNowAndItsWindowIsChecked() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      sandbox.run(BUSY);
      JsonNode series = given.api.get(sandbox.at("/metrics")).expect(200).json();
      assertEquals("1h", series.path("window").asString());
      JsonNode last = series.path("points").get(series.path("points").size() - 1);
      assertTrue(last.path("memory_mb").asDouble() > 0, series::toString);
      assertTrue(series.path("cpu").valueStream().anyMatch(v -> v.asDouble() > 1));
      assertEquals(series.path("points").size(), series.path("memory").size());
      given.api.get(sandbox.at("/metrics?window=7d")).expect(200);
      given.api.get(sandbox.at("/metrics?window=2h")).expect(400);
      given.stranger.get(sandbox.at("/metrics")).expect(404);
    }
  }
}
