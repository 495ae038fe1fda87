package com.atoll.bench;

import java.util.Map;

/** A pause that keeps the processes in memory, and the first command after it, which wakes them. */
final class PauseBench implements Benchmark {
  @Override
  public Report run(Setup setup) throws Exception {
    Report report = new Report("pause").promise("paused to first exec").baseline("exec");
    String id = setup.api().post("/sandboxes", Map.of()).path("id").asString();
    try {
      for (int i = -20; i < setup.count(150); i++) {
        Report rows = i < 0 ? new Report("warm-up") : report;
        rows.row("exec").time(() -> exec(setup, id));
        rows.row("pause").time(() -> setup.api().post("/sandboxes/" + id + "/pause", Map.of()));
        rows.row("paused to first exec").time(() -> exec(setup, id));
      }
    } finally {
      setup.api().delete("/sandboxes/" + id);
    }
    return report;
  }

  private static void exec(Setup setup, String id) throws Exception {
    setup.api().post("/sandboxes/" + id + "/exec", Map.of("command", "true"));
  }
}
