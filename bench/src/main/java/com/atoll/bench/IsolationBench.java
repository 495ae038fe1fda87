package com.atoll.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What each kind of isolation costs that the installation allows. */
final class IsolationBench implements Benchmark {
  private static final int IDLE = 4;

  @Override
  public Report run(Setup setup) throws Exception {
    String auto = setup.installation().isolationPolicy().auto();
    Report report = new Report("isolation").promise("exec, " + auto).baseline("exec, " + auto);
    for (String kind : setup.installation().isolationPolicy().allowed()) {
      for (int i = 0; i < setup.count(5); i++) {
        String[] made = new String[1];
        report
            .row("create and first exec, " + kind)
            .time(() -> {
              made[0] = create(setup, kind);
              exec(setup, made[0]);
            });
        setup.api().delete("/sandboxes/" + made[0]);
      }
      idle(setup, kind, report);
    }
    if (setup.installation().isolationPolicy().microvmEmulation()) {
      report.remark("microvm is emulated here, without KVM: about ten times slower.");
    }
    return report;
  }

  private static void idle(Setup setup, String kind, Report report) throws Exception {
    List<String> ids = new ArrayList<>();
    try {
      long before = IdleBench.available();
      for (int i = 0; i < IDLE; i++) {
        ids.add(create(setup, kind));
      }
      report.remark(
          String.format(
              Locale.ROOT,
              "One of %d idle sandboxes under %s takes %.0f MiB of the machine's available memory.",
              IDLE,
              kind,
              (before - IdleBench.available()) / 1024.0 / IDLE));
      for (int i = -20; i < setup.count(100); i++) {
        Samples samples = i < 0 ? new Samples() : report.row("exec, " + kind);
        samples.time(() -> exec(setup, ids.getFirst()));
      }
    } finally {
      for (String id : ids) {
        setup.api().delete("/sandboxes/" + id);
      }
    }
  }

  private static String create(Setup setup, String kind) throws IOException {
    return setup
        .api()
        .post("/sandboxes", Map.of("cpu_count", 1, "memory_mb", 1_536, "isolation", kind))
        .path("id")
        .asString();
  }

  private static void exec(Setup setup, String id) throws IOException {
    setup.api().post("/sandboxes/" + id + "/exec", Map.of("command", "true"));
  }
}
