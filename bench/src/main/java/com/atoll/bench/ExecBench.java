package com.atoll.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A command on a running sandbox, over a kept connection. */
final class ExecBench implements Benchmark {
  private static final int WARM_UP = 200;
  private static final int BLOCK = 25;
  private static final int CLIENTS = 16;

  @Override
  public Report run(Setup setup) throws Exception {
    Report report = new Report("exec").promise("exec").baseline("crun exec");
    String id = setup.api().post("/sandboxes", Map.of()).path("id").asString();
    try (OciBaseline runtime = OciBaseline.like(setup);
        OciBaseline.Container container = runtime.start()) {
      block(setup, id, container, new Samples(), new Samples(), WARM_UP);
      for (int done = 0; done < setup.count(500); done += BLOCK) {
        block(setup, id, container, report.row("exec"), report.row("crun exec"), BLOCK);
      }
      together(setup, id, report);
    } finally {
      setup.api().delete("/sandboxes/" + id);
    }
    report.remark(
        "Alternating blocks of " + BLOCK + ", after " + WARM_UP + " unmeasured ones of each.");
    return report;
  }

  private static void block(
      Setup setup,
      String id,
      OciBaseline.Container container,
      Samples exec,
      Samples baseline,
      int count)
      throws Exception {
    for (int i = 0; i < count; i++) {
      exec.time(() -> exec(setup, id));
    }
    for (int i = 0; i < count; i++) {
      container.exec(baseline);
    }
  }

  private static void together(Setup setup, String id, Report report) throws Exception {
    int each = setup.count(150);
    long start = System.nanoTime();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        running.add(
            clients.submit(() -> {
              for (int done = 0; done < each; done++) {
                report.row("exec, " + CLIENTS + " clients").time(() -> exec(setup, id));
              }
              return null;
            }));
      }
      for (Future<?> client : running) {
        client.get();
      }
    }
    report.remark(
        String.format(
            Locale.ROOT,
            "%d clients at once: %.0f/s.",
            CLIENTS,
            CLIENTS * each * 1e9 / (System.nanoTime() - start)));
  }

  private static void exec(Setup setup, String id) throws IOException {
    setup.api().post("/sandboxes/" + id + "/exec", Map.of("command", "true"));
  }
}
