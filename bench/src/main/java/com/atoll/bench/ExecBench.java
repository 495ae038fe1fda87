package com.atoll.bench;

import java.util.Map;

/** A command on a running sandbox, over a kept connection. */
final class ExecBench implements Benchmark {
  @Override
  public Report run(Setup setup) throws Exception {
    Report report = new Report("exec").promise("exec").baseline("crun exec");
    String id = setup.api().post("/sandboxes", Map.of("size", "xs")).path("id").asString();
    try (OciBaseline runtime = OciBaseline.like(setup);
        OciBaseline.Container container = runtime.start()) {
      for (int i = -50; i < setup.count(500); i++) {
        Samples exec = i < 0 ? new Samples() : report.row("exec");
        exec.time(() -> setup.api().post("/sandboxes/" + id + "/exec", Map.of("command", "true")));
        container.exec(i < 0 ? new Samples() : report.row("crun exec"));
      }
    } finally {
      setup.api().delete("/sandboxes/" + id);
    }
    return report;
  }
}
