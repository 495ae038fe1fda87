package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Benchmarks that do not come to their end. */
@Tag("fast")
@Tag("all")
final class BenchScenarioTest {
  private final Given given = new Given();
  private final Host host =
      new Host(given.target.launcher(), given.target.home(), Map.of("ATOLL_BENCH_SCALE", "0.02"));

  @Test
  void leavesNothingWhenASignalEndsIt() throws Exception {
    Process bench = host.begin("bench", "exec");
    awaitParts(bench);
    // The one of the process itself would close what is to be read.
    bench.toHandle().destroy();
    String said = new String(bench.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(143, bench.waitFor(), said);
    assertEquals(Set.of(), host.ofBenchmark(bench.pid()), said);
  }

  @Test
  void clearsAwayWhatAKilledOneLeft() throws Exception {
    Process killed = host.begin("bench", "exec");
    awaitParts(killed);
    killed.destroyForcibly().waitFor();
    assertTrue(!host.ofBenchmark(killed.pid()).isEmpty());
    assertTrue(host.atoll(200, "bench", "exec").contains("16 clients"));
    assertEquals(Set.of(), host.ofBenchmark(killed.pid()));
  }

  /** Waits until it has a control group, which is the last of what it makes. */
  private void awaitParts(Process bench) {
    Given.eventually(
        90,
        "a control group of the benchmark",
        () -> host.ofBenchmark(bench.pid()).stream().anyMatch(path -> path.contains("/cgroup/")));
  }
}
