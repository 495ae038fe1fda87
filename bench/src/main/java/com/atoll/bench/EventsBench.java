package com.atoll.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** From the answer to a change to its event at a client, and what clients cost that only wait. */
final class EventsBench implements Benchmark {
  private static final int IDLE = 2_000;

  @Override
  public Report run(Setup setup) throws Exception {
    Report report = new Report("events").promise("answer to event").baseline("the change itself");
    String id = setup.api().post("/sandboxes", Map.of("size", "xs")).path("id").asString();
    try {
      changes(setup, id, setup.count(50), new Samples(), new Samples());
      changes(
          setup,
          id,
          setup.count(300),
          report.row("answer to event"),
          report.row("the change itself"));
      idle(setup, id, report);
    } finally {
      setup.api().delete("/sandboxes/" + id);
    }
    report.remark(
        "The event is in the transaction of the change; an event that is there before the answer counts as 0.");
    return report;
  }

  private static void changes(Setup setup, String id, int count, Samples event, Samples change)
      throws IOException {
    try (Api.EventStream events = setup.api().events("/events/stream?types=sandbox.updated")) {
      for (int i = 0; i < count; i++) {
        String name = "bench-" + i;
        long asked = System.nanoTime();
        setup.api().patch("/sandboxes/" + id, Map.of("name", name));
        long answered = System.nanoTime();
        while (!events.next().path("id").asString().equals(id)) {}
        event.add(System.nanoTime() - answered);
        change.add(answered - asked);
      }
    }
  }

  private static void idle(Setup setup, String id, Report report) throws Exception {
    List<Api.EventStream> waiting = new ArrayList<>();
    int count = setup.count(IDLE);
    try {
      collect(setup);
      long server = resident(setup, "ServerMain");
      long edge = resident(setup, "EdgeMain");
      for (int i = 0; i < count; i++) {
        waiting.add(setup.api().events("/events/stream?types=key.rotated"));
      }
      collect(setup);
      report.remark(
          String.format(
              Locale.ROOT,
              "%d clients that only wait: %.1f KB each in the server, %.1f KB in the gateway (resident memory).",
              count,
              (resident(setup, "ServerMain") - server) / (double) count,
              (resident(setup, "EdgeMain") - edge) / (double) count));
      changes(
          setup,
          id,
          setup.count(100),
          report.row("the same beside waiting clients"),
          report.row("the change beside them"));
    } finally {
      for (Api.EventStream each : waiting) {
        each.close();
      }
    }
  }

  /** Has both processes give back what they do not hold: what is left is what is needed. */
  private static void collect(Setup setup) throws IOException, InterruptedException {
    for (String main : List.of("ServerMain", "EdgeMain")) {
      Process collector =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  String.valueOf(Processes.find(setup, main)),
                  "GC.run")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      collector.waitFor();
    }
  }

  private static long resident(Setup setup, String main) throws IOException {
    Path status = Path.of("/proc", String.valueOf(Processes.find(setup, main)), "status");
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("no VmRSS in " + status);
  }
}
