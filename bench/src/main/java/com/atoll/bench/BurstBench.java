package com.atoll.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * A hundred creates at once, each with its first command: with as many machines ready as there
 * happen to be, and again when the pool has grown to what was asked for.
 */
final class BurstBench implements Benchmark {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Override
  public Report run(Setup setup) throws Exception {
    int burst = setup.count(100);
    Report report =
        new Report("burst").promise("create to first exec").baseline("crun run + crun exec");
    int before = ready(setup);
    burst(setup, report, burst, "create to first exec", "all of them");
    int after = await(setup, burst);
    burst(setup, report, burst, "create to first exec, pool grown", "all of them, pool grown");
    try (OciBaseline runtime = OciBaseline.like(setup)) {
      runtime.burst(burst, report.row("crun run + crun exec"));
    }
    report.remark("Each duration counts from the start of the burst.");
    report.remark(
        "%d machines were ready before the first burst, %d before the second."
            .formatted(before, after));
    return report;
  }

  private static void burst(Setup setup, Report report, int burst, String each, String all)
      throws ExecutionException, InterruptedException, IOException {
    List<String> ids = new ArrayList<>();
    try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
      long start = System.nanoTime();
      List<Future<String>> started = new ArrayList<>();
      for (int i = 0; i < burst; i++) {
        started.add(
            many.submit(() -> {
              String id = setup.api().post("/sandboxes", Map.of()).path("id").asString();
              setup.api().post("/sandboxes/" + id + "/exec", Map.of("command", "true"));
              report.row(each).add(System.nanoTime() - start);
              return id;
            }));
      }
      for (Future<String> one : started) {
        ids.add(one.get());
      }
      report.row(all).add(System.nanoTime() - start);
    } finally {
      for (String id : ids) {
        setup.api().delete("/sandboxes/" + id);
      }
    }
  }

  /** Waits until so many are ready, or until none is added any more for long. */
  private static int await(Setup setup, int wanted) throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    int ready = ready(setup);
    while (ready < wanted && System.nanoTime() < end) {
      LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
      ready = ready(setup);
    }
    return ready;
  }

  private static int ready(Setup setup) throws IOException {
    return setup.api().get("/sandbox-templates/miosa-sandbox").path("warm").asInt();
  }
}
