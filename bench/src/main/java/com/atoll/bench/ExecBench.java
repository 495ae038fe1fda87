package com.atoll.bench;

import java.util.Map;

/** A command on a running sandbox, over a kept connection. */
final class ExecBench implements Benchmark {
  private static final int WARM_UP = 200;
  private static final int BLOCK = 25;

  @Override
  public Report run(Setup setup) throws Exception {
    Report report = new Report("exec").promise("exec").baseline("crun exec");
    String id = setup.api().post("/sandboxes", Map.of("size", "xs")).path("id").asString();
    try (OciBaseline runtime = OciBaseline.like(setup);
        OciBaseline.Container container = runtime.start()) {
      block(setup, id, container, new Samples(), new Samples(), WARM_UP);
      for (int done = 0; done < setup.count(500); done += BLOCK) {
        block(setup, id, container, report.row("exec"), report.row("crun exec"), BLOCK);
      }
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
      exec.time(() -> setup.api().post("/sandboxes/" + id + "/exec", Map.of("command", "true")));
    }
    for (int i = 0; i < count; i++) {
      container.exec(baseline);
    }
  }
}
