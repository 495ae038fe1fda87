package com.atoll.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code atoll bench <name>… [--json]}. */
public final class Main {
  private static final Map<String, Benchmark> ALL =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("create", new CreateBench()),
              Map.entry("burst", new BurstBench()),
              Map.entry("control", new ControlBench()),
              Map.entry("egress", new EgressBench()),
              Map.entry("exec", new ExecBench()),
              Map.entry("files", new FilesBench()),
              Map.entry("fork", new ForkBench()),
              Map.entry("gateway", new GatewayBench()),
              Map.entry("events", new EventsBench()),
              Map.entry("gvisor", new GvisorBench()),
              Map.entry("idle", new IdleBench()),
              Map.entry("isolation", new IsolationBench()),
              Map.entry("limiter", new LimiterBench()),
              Map.entry("metering", new MeteringBench()),
              Map.entry("pause", new PauseBench()),
              Map.entry("stream", new StreamBench()),
              Map.entry("usage", new UsageBench()),
              Map.entry("webhooks", new WebhooksBench())));

  private Main() {}

  /** Runs the named benchmarks. */
  public static void main(String[] args) throws Exception {
    List<String> words = List.of(args);
    boolean json = words.contains("--json");
    int file = words.indexOf("--installation") + 1;
    if (file == 0 || file == words.size()) {
      System.err.println("atoll bench: --installation FILE is missing");
      System.exit(2);
    }
    List<String> rest = new ArrayList<>(words);
    rest.subList(file - 1, file + 1).clear();
    List<String> names = rest.stream().filter(word -> !word.equals("--json")).toList();
    for (String name : names) {
      if (!ALL.containsKey(name)) {
        System.err.println("atoll bench: no benchmark '" + name + "'; there are " + ALL.keySet());
        System.exit(2);
      }
    }
    Setup setup = Setup.of(java.nio.file.Path.of(words.get(file)));
    if (names.isEmpty()) {
      System.err.println("atoll bench: which one? There are " + ALL.keySet());
      System.exit(2);
    }
    Stop.heed();
    try {
      OciBaseline.sweep(setup);
      for (String name : names) {
        measure(name, setup, json);
      }
    } catch (Exception failure) {
      if (!Stop.asked()) {
        throw failure;
      }
    } finally {
      Stop.cleared();
    }
  }

  private static void measure(String name, Setup setup, boolean json) throws Exception {
    Benchmark benchmark = ALL.get(name);
    if (benchmark == null) {
      return;
    }
    System.err.println("atoll bench: " + name + " …");
    try {
      Report report = benchmark.run(setup);
      System.out.println(json ? report.json() : report.table());
    } finally {
      setup.api().removeLeft();
    }
  }
}
