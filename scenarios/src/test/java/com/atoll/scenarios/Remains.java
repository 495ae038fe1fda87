package com.atoll.scenarios;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * What a node keeps on its machine: records by their names, and what belongs to none of them. Only
 * machines that wait for a claim may.
 */
record Remains(Map<String, Set<String>> records, List<String> stray) {

  static Remains of(Host host) {
    JsonNode status = host.status();
    Path home = Path.of(status.path("home").asString());
    Path run = Path.of(status.path("run").asString());
    Map<String, Set<String>> records = new TreeMap<>();
    for (String kind : List.of("workloads", "releases", "snapshots", "instances", "volumes")) {
      records.put(kind, names(home.resolve("node").resolve(kind)));
    }
    records.put("exports", names(home.resolve("releases")));
    records.put("builds", names(home.resolve("node/builds/records")));

    // What the node mounts below its run folder, only it sees.
    Path inside = Path.of("/proc/" + status.path("pids").path("node").asLong() + "/root");
    Path seen = inside.resolve("." + run);
    Set<String> machines = names(seen.resolve("bundles"));
    List<String> stray = new ArrayList<>();
    Set<String> sentries = names(seen.resolve("runsc"));
    Set<String> containers = new HashSet<>(machines);
    containers.removeAll(sentries);
    compare("sockets", names(seen.resolve("guest")), containers, stray);
    compare("containers", names(seen.resolve("crun")), containers, stray);
    if (!machines.containsAll(sentries)) {
      stray.add("sentries " + sentries + " for the machines " + machines);
    }
    compare("control groups", host.cgroups(status.path("id").asString()), machines, stray);

    JsonNode installation = json(run.resolve("installation.json"));
    Path templates = Path.of(installation.path("dist").asString(), "templates");
    long plain =
        names(templates).stream()
            .map(id -> templates.resolve(id).resolve("template.json"))
            .filter(Files::exists)
            .filter(file -> !json(file).has("from"))
            .count();
    int images = names(home.resolve("node/images")).size();
    // Of what is built on demand, two wait.
    int each =
        installation.path("warm_pool").asInt()
            + installation.path("isolation").path("gvisor_warm_pool").asInt();
    long warm = each * plain + 2L * images;
    Set<String> unclaimed = new HashSet<>(machines);
    unclaimed.removeAll(fields(home.resolve("node/workloads"), "/place/machine"));
    if (unclaimed.size() > warm) {
      stray.add("machines of nobody: " + unclaimed + ", and " + warm + " may wait");
    }
    // Each machine has a network, and some are made in advance.
    int networks = machines.size() + Math.clamp(installation.path("warm_pool").asInt() + 4, 4, 16);
    long interfaces = host.interfaces(status.path("id").asString());
    if (interfaces < machines.size() || interfaces > networks) {
      stray.add(interfaces + " interfaces for the machines " + machines);
    }
    Set<String> trees = names(seen.resolve("trees/live"));
    trees.removeAll(fields(home.resolve("node/workloads"), "/origin/tree"));
    trees.removeAll(fields(home.resolve("node/releases"), "/origin/tree"));
    trees.removeAll(fields(home.resolve("node/snapshots"), "/origin/tree"));
    trees.removeAll(fields(home.resolve("node/images"), "/tree"));
    names(home.resolve("node/builds/steps"))
        .forEach(step -> trees.remove("step-" + step.replaceFirst("\\.json$", "")));
    for (String volume : names(home.resolve("node/volumes"))) {
      trees.remove("v-" + volume.replaceFirst("\\.json$", ""));
    }
    if (trees.size() > unclaimed.size()) {
      stray.add("trees of nobody: " + trees + " for " + unclaimed);
    }
    return new Remains(records, stray);
  }

  /** What is there now and was not there then, and what belongs to nothing. */
  List<String> since(Remains earlier) {
    List<String> left = new ArrayList<>(stray);
    records.forEach((kind, names) -> {
      Set<String> added = new TreeSet<>(names);
      added.removeAll(earlier.records.getOrDefault(kind, Set.of()));
      if (!added.isEmpty()) {
        left.add(kind + ": " + added);
      }
    });
    return left;
  }

  private static void compare(
      String what, Set<String> found, Set<String> machines, List<String> stray) {
    if (!found.equals(machines)) {
      stray.add(what + " " + found + " for the machines " + machines);
    }
  }

  private static Set<String> names(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(path -> String.valueOf(path.getFileName()).replaceFirst("\\.sock$", ""))
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (NoSuchFileException | NotDirectoryException none) {
      return new TreeSet<>();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static Set<String> fields(Path folder, String pointer) {
    Set<String> values = new HashSet<>();
    for (String name : names(folder)) {
      if (name.endsWith(".json")) {
        values.add(json(folder.resolve(name)).at(pointer).asString(""));
      }
    }
    return values;
  }

  private static JsonNode json(Path file) {
    try {
      return Reply.JSON.readTree(Files.readAllBytes(file));
    } catch (NoSuchFileException vanished) {
      return Reply.JSON.createObjectNode();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
