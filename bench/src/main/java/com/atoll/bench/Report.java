package com.atoll.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The outcome of a benchmark: rows of measured steps, one of which is the promise and one its
 * baseline.
 */
final class Report {
  private final String name;
  private final Map<String, Samples> rows = new LinkedHashMap<>();
  private final List<String> remarks = new ArrayList<>();
  private String promise = "";
  private String baseline = "";
  private final String loadBefore = load();

  Report(String name) {
    this.name = name;
  }

  /** The samples of a step, made when first named. */
  synchronized Samples row(String step) {
    return rows.computeIfAbsent(step, any -> new Samples());
  }

  Report promise(String step) {
    promise = step;
    return this;
  }

  Report baseline(String step) {
    baseline = step;
    return this;
  }

  void remark(String sentence) {
    remarks.add(sentence);
  }

  /** A table for people. */
  String table() {
    StringBuilder text = new StringBuilder();
    text.append("## ").append(name).append("\n\n");
    text.append("| step | n | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|\n");
    rows.forEach((step, samples) ->
        text.append(
            String.format(
                Locale.ROOT,
                "| %s | %d | %.2f | %.2f | %.2f |%n",
                step,
                samples.count(),
                samples.percentile(50),
                samples.percentile(95),
                samples.percentile(99))));
    text.append('\n');
    if (!baseline.isEmpty()) {
      text.append(
          String.format(
              Locale.ROOT,
              "p50 is %.2f x the baseline (%s).%n",
              row(promise).percentile(50) / row(baseline).percentile(50),
              baseline));
    }
    remarks.forEach(remark -> text.append(remark).append('\n'));
    return text.append("Load average ")
        .append(loadBefore)
        .append(" before, ")
        .append(load())
        .append(" after; ")
        .append(machine())
        .append(".\n")
        .toString();
  }

  /** One JSON object for programs. */
  String json() {
    Samples main = row(promise);
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", name);
    object.put("n", main.count());
    object.put("p50", rounded(main.percentile(50)));
    object.put("p95", rounded(main.percentile(95)));
    object.put("p99", rounded(main.percentile(99)));
    if (!baseline.isEmpty()) {
      Samples base = row(baseline);
      object.put(
          "baseline",
          Map.of(
              "name", baseline,
              "n", base.count(),
              "p50", rounded(base.percentile(50)),
              "p99", rounded(base.percentile(99))));
    }
    Map<String, Object> steps = new LinkedHashMap<>();
    rows.forEach((step, samples) ->
        steps.put(
            step,
            Map.of(
                "n", samples.count(),
                "p50", rounded(samples.percentile(50)),
                "p95", rounded(samples.percentile(95)),
                "p99", rounded(samples.percentile(99)))));
    object.put("steps", steps);
    object.put("remarks", remarks);
    object.put("load", Double.parseDouble(load()));
    object.put("machine", machine());
    return JsonMapper.builder().build().writeValueAsString(object);
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }

  private static String load() {
    String line = read("/proc/loadavg");
    return line.isEmpty() ? "0" : line.substring(0, line.indexOf(' '));
  }

  private static String machine() {
    String model =
        read("/proc/cpuinfo")
            .lines()
            .filter(line -> line.startsWith("model name"))
            .findFirst()
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .orElse("unknown processor");
    String memory = read("/proc/meminfo").lines().findFirst().orElse("").replaceAll("[^0-9]", "");
    return model
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " cores, "
        + (memory.isEmpty() ? 0 : Long.parseLong(memory) / 1024)
        + " MB, kernel "
        + System.getProperty("os.version");
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException unreadable) {
      return "";
    }
  }
}
