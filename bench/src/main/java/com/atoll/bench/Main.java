package com.atoll.bench;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code atoll bench <name> [--json]}. */
public final class Main {
  private static final Map<String, Benchmark> ALL =
      new TreeMap<>(
          Map.of(
              "create", new CreateBench(),
              "burst", new BurstBench(),
              "exec", new ExecBench(),
              "files", new FilesBench(),
              "fork", new ForkBench(),
              "gateway", new GatewayBench(),
              "events", new EventsBench(),
              "idle", new IdleBench(),
              "pause", new PauseBench(),
              "webhooks", new WebhooksBench()));

  private Main() {}

  /** Runs the named benchmarks, or all of them. */
  public static void main(String[] args) throws Exception {
    List<String> words = List.of(args);
    boolean json = words.contains("--json");
    int file = words.indexOf("--installation") + 1;
    if (file == 0 || file == words.size()) {
      System.err.println("atoll bench: --installation FILE is missing");
      System.exit(2);
    }
    List<String> names =
        words.stream()
            .filter(word -> !word.startsWith("-") && !word.equals(words.get(file)))
            .toList();
    for (String name : names) {
      if (!ALL.containsKey(name)) {
        System.err.println("atoll bench: no benchmark '" + name + "'; there are " + ALL.keySet());
        System.exit(2);
      }
    }
    Setup setup = Setup.of(java.nio.file.Path.of(words.get(file)));
    for (String name : names.isEmpty() ? ALL.keySet() : names) {
      Benchmark benchmark = ALL.get(name);
      if (benchmark == null) {
        continue;
      }
      System.err.println("atoll bench: " + name + " …");
      Report report = benchmark.run(setup);
      System.out.println(json ? report.json() : report.table());
    }
  }
}
