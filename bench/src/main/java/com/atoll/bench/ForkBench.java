package com.atoll.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.JsonNode;

/**
 * Snapshots of a workspace of 1 GB in 20,000 files while a process writes 10 MB/s, then a hundred
 * forks of one; the baseline copies the same files by reference inside the sandbox.
 */
final class ForkBench implements Benchmark {
  private static final String FILL =
      """
      import os
      for d in range(200):
          os.makedirs('/workspace/data/%d' % d)
          for f in range(%FILES%):
              with open('/workspace/data/%d/%d' % (d, f), 'wb') as file:
                  file.write(os.urandom(53687))
      os.sync()
      """;
  private static final String WRITER =
      """
      import os, time
      n = 0
      while True:
          with open('/workspace/written-%d' % (n % 20), 'wb') as file:
              file.write(os.urandom(1 << 20))
          n += 1
          time.sleep(0.1)
      """;

  @Override
  public Report run(Setup setup) throws Exception {
    int files = Math.max(1, Math.min(100, setup.count(100)));
    Report report = new Report("fork").promise("snapshot pause").baseline("cp --reflink");
    List<String> sandboxes = new ArrayList<>();
    List<String> snapshots = new ArrayList<>();
    try {
      String id =
          setup
              .api()
              .post("/sandboxes", Map.of("size", "xs", "timeout_sec", 0))
              .path("id")
              .asString();
      sandboxes.add(id);
      shell(setup, id, python(FILL.replace("%FILES%", Integer.toString(files))));
      setup.api().post("/sandboxes/" + id + "/processes", Map.of("command", python(WRITER)));
      for (int i = 0; i < 3; i++) {
        int n = i;
        report
            .row("cp --reflink")
            .time(() ->
                shell(setup, id, "cp -a --reflink=always /workspace/data /workspace/copy" + n));
        shell(setup, id, "rm -rf /workspace/copy" + n);
      }
      for (int i = -3; i < setup.count(60); i++) {
        long start = System.nanoTime();
        JsonNode taken = setup.api().post("/sandboxes/" + id + "/snapshots", Map.of());
        long end = System.nanoTime();
        snapshots.add(taken.path("id").asString());
        if (i >= 0) {
          report.row("snapshot pause").add(taken.path("pause_micros").asLong() * 1000);
          report.row("snapshot").add(end - start);
        }
      }
      sandboxes.addAll(forks(setup, snapshots.getLast(), report));
    } finally {
      for (String sandbox : sandboxes) {
        setup.api().delete("/sandboxes/" + sandbox);
      }
      for (String snapshot : snapshots) {
        setup.api().delete("/snapshots/" + snapshot);
      }
    }
    report.remark(
        "The workspace has %d files of 52 KiB and a writer of 10 MB/s; all snapshots stay until the end."
            .formatted(200 * files));
    report.remark(
        "A fork's time counts from the start of all of them to its first command's output; the writer's"
            + " sandbox runs meanwhile.");
    return report;
  }

  private static List<String> forks(Setup setup, String snapshot, Report report) throws Exception {
    List<String> ids = new ArrayList<>();
    try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
      long start = System.nanoTime();
      List<Future<String>> forks = new ArrayList<>();
      for (int i = 0; i < setup.count(100); i++) {
        forks.add(
            many.submit(() -> {
              String id =
                  setup
                      .api()
                      .post("/snapshots/" + snapshot + "/fork", Map.of())
                      .path("id")
                      .asString();
              shell(setup, id, "test -f /workspace/data/199/0");
              report.row("fork to first exec, all at once").add(System.nanoTime() - start);
              return id;
            }));
      }
      for (Future<String> fork : forks) {
        ids.add(fork.get());
      }
      report.row("all forks answering").add(System.nanoTime() - start);
    }
    return ids;
  }

  private static String python(String program) {
    return "exec python3 - <<'END'\n" + program + "END\n";
  }

  private static void shell(Setup setup, String id, String command) throws IOException {
    JsonNode done =
        setup.api().post("/sandboxes/" + id + "/exec", Map.of("command", command, "timeout", 110));
    if (done.path("exit_code").asInt() != 0) {
      throw new IOException(command + " -> " + done);
    }
  }
}
