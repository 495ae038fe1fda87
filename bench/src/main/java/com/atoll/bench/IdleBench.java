package com.atoll.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/** A thousand sandboxes that do nothing on one machine, and a command on one of them. */
final class IdleBench implements Benchmark {
  private static final int SANDBOXES = 1_000;
  private static final int AT_ONCE = 8;

  @Override
  public Report run(Setup setup) throws Exception {
    Report report =
        new Report("idle").promise("exec on one of them").baseline("exec on the only one");
    List<String> ids = new ArrayList<>();
    try {
      ids.add(create(setup));
      for (int i = -100; i < setup.count(300); i++) {
        (i < 0 ? new Samples() : report.row("exec on the only one"))
            .time(() -> exec(setup, ids.getFirst()));
      }
      long before = available();
      long start = System.nanoTime();
      many(setup, setup.count(SANDBOXES), ids);
      double seconds = (System.nanoTime() - start) / 1e9;
      Random random = new Random(1);
      for (int i = -100; i < setup.count(300); i++) {
        String id = ids.get(random.nextInt(ids.size()));
        (i < 0 ? new Samples() : report.row("exec on one of them")).time(() -> exec(setup, id));
      }
      report.remark(
          String.format(
              Locale.ROOT,
              "%d idle sandboxes take %.2f MiB each of the machine's available memory; made %d at a time at %.0f/s.",
              ids.size(),
              (before - available()) / 1024.0 / (ids.size() - 1),
              AT_ONCE,
              (ids.size() - 1) / seconds));
    } finally {
      for (String id : ids) {
        setup.api().delete("/sandboxes/" + id);
      }
    }
    return report;
  }

  private static void many(Setup setup, int count, List<String> ids) throws Exception {
    Semaphore places = new Semaphore(AT_ONCE);
    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < count; i++) {
        running.add(
            clients.submit(() -> {
              places.acquire();
              try {
                String id = create(setup);
                synchronized (ids) {
                  ids.add(id);
                }
                return id;
              } finally {
                places.release();
              }
            }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
  }

  private static String create(Setup setup) throws IOException {
    return setup
        .api()
        .post("/sandboxes", Map.of("size", "xs", "idle_timeout_sec", 3_600))
        .path("id")
        .asString();
  }

  private static void exec(Setup setup, String id) throws IOException {
    setup.api().post("/sandboxes/" + id + "/exec", Map.of("command", "true"));
  }

  /** What the kernel could still give out, in KiB. */
  static long available() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
      if (line.startsWith("MemAvailable:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("no MemAvailable in /proc/meminfo");
  }
}
