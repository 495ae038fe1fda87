package com.atoll.bench;

import java.util.Map;

/** Create, then the first command's output, at the caller; one after the other. */
final class CreateBench implements Benchmark {
  @Override
  public Report run(Setup setup) throws Exception {
    Report report =
        new Report("create").promise("create to first exec").baseline("crun run + crun exec");
    try (OciBaseline runtime = OciBaseline.like(setup)) {
      for (int i = -10; i < setup.count(100); i++) {
        Samples both = i < 0 ? new Samples() : report.row("create to first exec");
        Samples create = i < 0 ? new Samples() : report.row("create");
        long start = System.nanoTime();
        String id = setup.api().post("/sandboxes", Map.of("size", "xs")).path("id").asString();
        create.add(System.nanoTime() - start);
        setup.api().post("/sandboxes/" + id + "/exec", Map.of("command", "true"));
        both.add(System.nanoTime() - start);
        setup.api().delete("/sandboxes/" + id);
        runtime.startAndExec(i < 0 ? new Samples() : report.row("crun run + crun exec"));
      }
    }
    report.remark(
        "Default pool, real authentication, durable mounts; runs interleaved with the baseline's, which uses the"
            + " same configuration: user namespace, seccomp, overlay, network namespace. The overlay and the network"
            + " namespace of the baseline are made before its clock starts.");
    return report;
  }
}
