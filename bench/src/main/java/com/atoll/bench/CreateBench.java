package com.atoll.bench;

import java.util.List;
import java.util.Map;

/** Create, then the first command's output, at the caller; one after the other. */
final class CreateBench implements Benchmark {
  /** After so many the path is compiled; what the first ones took stands in rows of their own. */
  private static final int WARM_UP = 60;

  /** So many of one kind after each other, then a rest. */
  private static final int BLOCK = 25;

  /** More than wait warm: the last ones stand on machines that were started meanwhile. */
  private static final int SERIES = 300;

  @Override
  public Report run(Setup setup) throws Exception {
    Report report =
        new Report("create").promise("create to first exec").baseline("crun run + crun exec");
    String volume =
        setup
            .api()
            .post(
                "/volumes", Map.of("name", "bench-" + ProcessHandle.current().pid(), "size_gb", 1))
            .path("id")
            .asString();
    try (OciBaseline runtime = OciBaseline.like(setup)) {
      Map<String, Object> all =
          Map.of(
              "name", "bench",
              "env", Map.of("A", "1", "B", "2"),
              "metadata", Map.of("of", "bench"),
              "tags", List.of("bench"),
              "timeout_sec", 600,
              "volumes", List.of(Map.of("volume_id", volume, "mount_path", "/data")));
      for (int i = 0; i < 20; i++) {
        create(setup, Map.of(), report, "the first: create", "the first: create to first exec");
      }
      Report warmUp = new Report("warm-up");
      for (int i = 0; i < WARM_UP; i++) {
        create(setup, Map.of(), warmUp, "create", "create to first exec");
        create(setup, all, warmUp, "create with everything", "the same to first exec");
      }
      for (int left = setup.count(100); left > 0; left -= BLOCK) {
        int block = Math.min(BLOCK, left);
        setup.rest();
        for (int i = 0; i < block; i++) {
          create(setup, Map.of(), report, "create", "create to first exec");
        }
        setup.rest();
        for (int i = 0; i < 2 * block; i++) {
          runtime.startAndExec(report.row("crun run + crun exec"));
        }
        setup.rest();
        for (int i = 0; i < block; i++) {
          create(setup, all, report, "create with everything", "the same to first exec");
        }
      }
      setup.rest();
      for (int i = 0; i < setup.count(SERIES); i++) {
        create(setup, Map.of(), report, "create, in a series", "create to first exec, in a series");
      }
    } finally {
      setup.api().delete("/volumes/" + volume);
    }
    report.remark("With everything: name, env, metadata, tags, a time-out and a volume.");
    report.remark(
        "In a series: create, command, delete, and the next at once; what was deleted is cleared away and the pool filled"
            + " beside it.");
    report.remark(
        "Default pool, real authentication, durable mounts; blocks of "
            + BLOCK
            + " alternate with the baseline's, with a rest after each. It uses the"
            + " same configuration: user namespace, seccomp, overlay, network namespace. The overlay and the network"
            + " namespace of the baseline are made before its clock starts.");
    return report;
  }

  private static void create(
      Setup setup, Map<String, ?> body, Report rows, String create, String both) throws Exception {
    long start = System.nanoTime();
    String id = setup.api().post("/sandboxes", body).path("id").asString();
    rows.row(create).add(System.nanoTime() - start);
    setup.api().post("/sandboxes/" + id + "/exec", Map.of("command", "true"));
    rows.row(both).add(System.nanoTime() - start);
    setup.api().delete("/sandboxes/" + id);
  }
}
