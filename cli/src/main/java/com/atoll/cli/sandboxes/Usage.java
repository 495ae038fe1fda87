package com.atoll.cli.sandboxes;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Json;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
    name = "usage",
    description = "Shows what a sandbox has used, as measured; a paused one is not woken.",
    footer = {"", "Examples:", "  atoll sandbox usage demo", "  atoll sandbox usage demo --json"})
final class Usage extends ApiCommand {
  private static final double MIB = 1 << 20;

  @Parameters(paramLabel = "SANDBOX", description = "Its id, slug or name.")
  private String id = "";

  Usage(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    JsonNode usage = Json.unwrap(api().get(Sandboxes.path(Names.resolve(api(), id), "/usage")));
    output().result(usage, text(usage));
    return 0;
  }

  private static String text(JsonNode usage) {
    return String.join(
        "\n",
        "state      " + Json.text(usage, "state"),
        "ran        " + Json.text(usage, "runtime_sec") + " s",
        "processor  " + scaled(usage, "active_cpu_ms", 1000, "s"),
        "memory     " + scaled(usage, "memory_bytes", MIB, "MiB"),
        "disk       " + scaled(usage, "disk_bytes", MIB, "MiB"),
        "received   " + scaled(usage, "network_ingress_bytes", MIB, "MiB"),
        "sent       " + scaled(usage, "network_egress_bytes", MIB, "MiB"));
  }

  private static String scaled(JsonNode usage, String field, double unit, String name) {
    JsonNode value = usage.path(field);
    return value.isNumber()
        ? String.format(Locale.ROOT, "%.1f %s", value.asDouble() / unit, name)
        : "not measured";
  }
}
