package com.atoll.bench;

import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.PathRequest;
import com.atoll.node.v1.RunRequest;
import com.atoll.server.machines.NodeClient;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the control plane adds: the same calls at the node itself, and through gateway and API. */
final class ControlBench implements Benchmark {
  private static final int BLOCK = 25;
  private static final int WARM_UP = 400;
  private static final List<String> ADDED = List.of("EdgeMain", "ServerMain");

  @Override
  public Report run(Setup setup) throws Exception {
    Report report =
        new Report("control").promise("exec through the API").baseline("exec at the node");
    String id = setup.api().post("/sandboxes", Map.of()).path("id").asString();
    try (NodeClient node = NodeClient.of(setup.installation())) {
      setup
          .api()
          .post("/sandboxes/" + id + "/exec", Map.of("command", "echo hello > /workspace/bench"));
      RunRequest run =
          RunRequest.newBuilder()
              .setWorkloadId(id)
              .setCommand(CommandSpec.newBuilder().setShell("true").setTimeoutMs(30_000))
              .setOutputLimit(1 << 20)
              .build();
      Samples.Step atNode = () -> node.processes().run(run);
      Samples.Step throughApi =
          () -> setup.api().post("/sandboxes/" + id + "/exec", Map.of("command", "true"));
      compare(setup, report, "exec", atNode, throughApi);
      PathRequest stat =
          PathRequest.newBuilder()
              .setWorkloadId(id)
              .setPath("/workspace/bench")
              .setFollow(true)
              .build();
      compare(
          setup,
          report,
          "stat of a file",
          () -> node.files().stat(stat),
          () -> setup.api().bytes("/sandboxes/" + id + "/fs/stat?path=/workspace/bench"));
    } finally {
      setup.api().delete("/sandboxes/" + id);
    }
    report.remark(
        "Alternating blocks of " + BLOCK + ", after " + WARM_UP + " unmeasured ones of each.");
    return report;
  }

  private static void compare(
      Setup setup, Report report, String what, Samples.Step atNode, Samples.Step throughApi)
      throws Exception {
    block(WARM_UP, new Samples(), atNode);
    block(WARM_UP, new Samples(), throughApi);
    Samples node = report.row(what + " at the node");
    Samples api = report.row(what + " through the API");
    long processor = 0;
    for (int done = 0; done < setup.count(2_000); done += BLOCK) {
      block(BLOCK, node, atNode);
      long before = Processes.processorNanos(setup, ADDED);
      block(BLOCK, api, throughApi);
      processor += Processes.processorNanos(setup, ADDED) - before;
    }
    report.remark(
        String.format(
            Locale.ROOT,
            "Added to %s: %.2f ms at p50, %.2f ms at p95, %.2f ms at p99; %.2f ms of processor time"
                + " in gateway and server.",
            what,
            api.percentile(50) - node.percentile(50),
            api.percentile(95) - node.percentile(95),
            api.percentile(99) - node.percentile(99),
            processor / 1e6 / api.count()));
  }

  private static void block(int count, Samples samples, Samples.Step step) throws Exception {
    for (int i = 0; i < count; i++) {
      samples.time(step);
    }
  }
}
