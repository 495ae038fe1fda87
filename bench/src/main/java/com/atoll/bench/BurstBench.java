package com.atoll.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A hundred creates at once, each with its first command. */
final class BurstBench implements Benchmark {
  @Override
  public Report run(Setup setup) throws Exception {
    int burst = setup.count(100);
    Report report =
        new Report("burst").promise("create to first exec").baseline("crun run + crun exec");
    List<String> ids = new ArrayList<>();
    try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
      long start = System.nanoTime();
      List<Future<String>> started = new ArrayList<>();
      for (int i = 0; i < burst; i++) {
        started.add(
            many.submit(() -> {
              String id = setup.api().post("/sandboxes", Map.of()).path("id").asString();
              setup.api().post("/sandboxes/" + id + "/exec", Map.of("command", "true"));
              report.row("create to first exec").add(System.nanoTime() - start);
              return id;
            }));
      }
      for (Future<String> each : started) {
        ids.add(each.get());
      }
      report.row("all of them").add(System.nanoTime() - start);
    } finally {
      for (String id : ids) {
        setup.api().delete("/sandboxes/" + id);
      }
    }
    try (OciBaseline runtime = OciBaseline.like(setup)) {
      runtime.burst(burst, report.row("crun run + crun exec"));
    }
    report.remark("Each duration counts from the start of the burst.");
    return report;
  }
}
