package com.atoll.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Sandboxes under gVisor: create, command, pause to disk, and copies of one that holds 200 MB of
 * memory; the baseline is gVisor's own program with a process of as much.
 */
final class GvisorBench implements Benchmark {
  static final String HOLD =
      "import time; x = bytearray(b'x') * (200 << 20); open('/dev/shm/held', 'w').write('1');"
          + " [time.sleep(0.1) for _ in iter(int, 1)]";

  @Override
  public Report run(Setup setup) throws Exception {
    Report report =
        new Report("gvisor").promise("snapshot stall, 200 MB").baseline("runsc checkpoint, 200 MB");
    if (!setup.installation().isolationPolicy().allowed().contains("gvisor")) {
      report.remark("This installation does not allow gVisor: nothing was measured.");
      return report;
    }
    for (int i = -1; i < setup.count(20); i++) {
      Report rows = i < 0 ? new Report("warm-up") : report;
      List<String> made = new ArrayList<>();
      try {
        rows.row("create to first exec").time(() -> made.add(created(setup)));
        String id = made.getFirst();
        rows.row("exec").time(() -> exec(setup, id, "true"));
        rows.row("pause").time(() -> setup.api().post(at(id) + "/pause", Map.of()));
        rows.row("paused to first exec").time(() -> exec(setup, id, "true"));
      } finally {
        delete(setup, made);
      }
    }
    copies(setup, report);
    try (GvisorBaseline baseline = GvisorBaseline.like(setup)) {
      for (int i = -1; i < setup.count(10); i++) {
        Report rows = i < 0 ? new Report("warm-up") : report;
        rows.row("runsc checkpoint, 200 MB").time(baseline::checkpoint);
        rows.row("runsc restore to exec, 200 MB").time(baseline::restore);
        baseline.forget();
      }
    }
    report.remark(
        "Promised: a source stalls at most 150 ms, its copy answers after at most 500 ms.");
    report.remark(
        "The pool holds one sandbox under gVisor, so a create after another one is cold.");
    return report;
  }

  private static void copies(Setup setup, Report report) throws Exception {
    List<String> made = new ArrayList<>();
    List<String> snapshots = new ArrayList<>();
    try {
      String id = created(setup);
      made.add(id);
      setup.api().post(at(id) + "/processes", Map.of("command", "python3 -c \"" + HOLD + "\""));
      exec(setup, id, "until [ -s /dev/shm/held ]; do sleep 0.05; done");
      for (int i = -1; i < setup.count(10); i++) {
        Report rows = i < 0 ? new Report("warm-up") : report;
        long start = System.nanoTime();
        JsonNode taken = setup.api().post(at(id) + "/snapshots", Map.of("memory", true));
        rows.row("snapshot, 200 MB").add(System.nanoTime() - start);
        rows.row("snapshot stall, 200 MB").add(taken.path("pause_micros").asLong() * 1000);
        String snapshot = taken.path("id").asString();
        snapshots.add(snapshot);
        List<String> children = new ArrayList<>();
        try {
          String restore = at(id) + "/restore/" + snapshot;
          rows.row("snapshot to child's first exec, 200 MB")
              .time(() -> children.add(answering(setup, restore, Map.of("memory", true))));
          rows.row("fork to child's first exec, 200 MB")
              .time(() -> children.add(answering(setup, at(id) + "/fork", Map.of("memory", true))));
        } finally {
          delete(setup, children);
        }
        rows.row("pause, 200 MB").time(() -> setup.api().post(at(id) + "/pause", Map.of()));
        rows.row("paused to first exec, 200 MB").time(() -> exec(setup, id, "true"));
      }
    } finally {
      for (String snapshot : snapshots) {
        setup.api().delete("/snapshots/" + snapshot);
      }
      delete(setup, made);
    }
  }

  private static String created(Setup setup) throws Exception {
    return answering(setup, "/sandboxes", Map.of("size", "small", "isolation", "gvisor"));
  }

  private static String answering(Setup setup, String path, Map<String, Object> wish)
      throws Exception {
    String id = setup.api().post(path, wish).path("id").asString();
    exec(setup, id, "true");
    return id;
  }

  private static void exec(Setup setup, String id, String command) throws Exception {
    JsonNode done = setup.api().post(at(id) + "/exec", Map.of("command", command));
    if (done.path("exit_code").asInt(-1) != 0) {
      throw new IOException(command + " -> " + done);
    }
  }

  private static void delete(Setup setup, List<String> ids) throws Exception {
    for (String id : ids) {
      setup.api().delete(at(id));
    }
  }

  private static String at(String id) {
    return "/sandboxes/" + id;
  }
}
