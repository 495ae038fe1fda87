package com.atoll.server.health;

import com.atoll.server.http.Traffic;
import com.atoll.server.store.Store;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The state of the platform as Prometheus reads it. */
final class Metrics {
  private static final List<Gauge> GAUGES =
      List.of(
          new Gauge(
              "atoll_sandboxes",
              "Sandboxes that are not destroyed, by state.",
              "select state, count(*) from sandboxes where state <> 'destroyed' group by state",
              "state"),
          new Gauge(
              "atoll_deployment_instances",
              "Instances of deployments that are not stopped, by state.",
              """
              select state, count(*) from deployment_instances where desired <> 'stopped'
              group by state\
              """,
              "state"),
          new Gauge(
              "atoll_volumes",
              "Volumes, by status.",
              "select status, count(*) from volumes group by status",
              "status"),
          new Gauge(
              "atoll_health_checks",
              "Health checks of customers, by status.",
              "select status, count(*) from health_checks group by status",
              "status"),
          new Gauge(
              "atoll_organizations",
              "Organizations, by status.",
              "select status, count(*) from organizations group by status",
              "status"),
          new Gauge(
              "atoll_usage_unsettled",
              "Ended resources whose last use is not written down yet.",
              "select 'all', count(distinct resource_id) from usage_due",
              "kind"));

  private final Store store;

  Metrics(Store store) {
    this.store = store;
  }

  private record Gauge(String name, String help, String sql, String label) {}

  /** The text that is scraped. */
  String text() {
    StringBuilder out = new StringBuilder();
    process(out);
    requests(out);
    boolean ready = store.ready();
    head(out, "atoll_ready", "gauge", "Whether the database answers.");
    out.append("atoll_ready ").append(ready ? 1 : 0).append('\n');
    if (ready) {
      store.executeSystem(tx -> {
        for (Gauge gauge : GAUGES) {
          head(out, gauge.name(), "gauge", gauge.help());
          tx.sql()
              .fetch(gauge.sql())
              .forEach(row ->
                  line(
                      out,
                      gauge.name(),
                      Map.of(gauge.label(), row.get(0, String.class)),
                      row.get(1, Long.class)));
        }
      });
    }
    return out.toString();
  }

  private static void process(StringBuilder out) {
    Runtime runtime = Runtime.getRuntime();
    head(out, "jvm_memory_used_bytes", "gauge", "Memory of the heap in use.");
    line(
        out,
        "jvm_memory_used_bytes",
        Map.of("area", "heap"),
        runtime.totalMemory() - runtime.freeMemory());
    head(out, "jvm_memory_max_bytes", "gauge", "The largest heap.");
    line(out, "jvm_memory_max_bytes", Map.of("area", "heap"), runtime.maxMemory());
    head(out, "jvm_threads_live", "gauge", "Platform threads.");
    line(out, "jvm_threads_live", Map.of(), ManagementFactory.getThreadMXBean().getThreadCount());
    head(out, "process_uptime_seconds", "gauge", "Seconds since the start of the server.");
    line(
        out,
        "process_uptime_seconds",
        Map.of(),
        ManagementFactory.getRuntimeMXBean().getUptime() / 1000);
    head(out, "jvm_gc_collection_seconds_total", "counter", "Time spent collecting garbage.");
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      out.append("jvm_gc_collection_seconds_total{gc=\"")
          .append(escaped(collector.getName()))
          .append("\"} ")
          .append(collector.getCollectionTime() / 1000.0)
          .append('\n');
    }
  }

  private static void requests(StringBuilder out) {
    head(out, "atoll_http_requests_total", "counter", "Requests, by area and class of status.");
    Traffic.seen()
        .forEach((key, seen) ->
            line(
                out,
                "atoll_http_requests_total",
                Map.of("area", key.area(), "status", key.status() + "xx"),
                seen.count()));
    head(out, "atoll_http_request_seconds_total", "counter", "Time that requests took.");
    Traffic.seen()
        .forEach((key, seen) ->
            out.append("atoll_http_request_seconds_total{area=\"")
                .append(escaped(key.area()))
                .append("\",status=\"")
                .append(key.status())
                .append("xx\"} ")
                .append(String.format(Locale.ROOT, "%.6f", seen.nanos() / 1e9))
                .append('\n'));
  }

  private static void head(StringBuilder out, String name, String type, String help) {
    out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private static void line(StringBuilder out, String name, Map<String, String> labels, long value) {
    out.append(name);
    if (!labels.isEmpty()) {
      out.append('{');
      String between = "";
      for (Map.Entry<String, String> label : new java.util.TreeMap<>(labels).entrySet()) {
        out.append(between).append(label.getKey()).append("=\"").append(escaped(label.getValue()));
        out.append('"');
        between = ",";
      }
      out.append('}');
    }
    out.append(' ').append(value).append('\n');
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }
}
