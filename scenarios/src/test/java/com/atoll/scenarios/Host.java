package com.atoll.scenarios;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The machine below an installation: its launcher, its processes, what it leaves behind. */
final class Host {
  private final Path launcher;
  private final Path home;
  private final Map<String, String> environment;

  Host(Path launcher, Path home, Map<String, String> environment) {
    this.launcher = launcher;
    this.home = home;
    this.environment = environment;
  }

  static Host of(Target target) {
    return new Host(target.launcher(), target.home(), Map.of());
  }

  /** The output of a launcher command that must succeed. */
  String atoll(int seconds, String... words) {
    List<String> command = new ArrayList<>();
    command.add(launcher.toString());
    command.addAll(List.of(words));
    Result result = run(seconds, command);
    if (result.exitCode() != 0) {
      throw new AssertionError(command + " -> " + result.exitCode() + "\n" + result.output());
    }
    return result.output();
  }

  /** What a launcher command that must fail said. */
  String refused(int seconds, String... words) {
    List<String> command = new ArrayList<>(List.of("bash", "-c", "exec \"$@\" 2>&1", "atoll"));
    command.add(launcher.toString());
    command.addAll(List.of(words));
    Result result = run(seconds, command);
    if (result.exitCode() == 0) {
      throw new AssertionError(command + " succeeded\n" + result.output());
    }
    return result.output();
  }

  /** Starts a launcher command; what it says, errors too, is read from its output. */
  Process begin(String... words) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(launcher.toString());
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("ATOLL_HOME", home.toString());
    builder.environment().putAll(environment);
    return builder.start();
  }

  record Result(int exitCode, String output) {}

  private Result run(int seconds, List<String> command) {
    try {
      Path log = Files.createTempFile("atoll-host", ".log");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectOutput(log.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.environment().put("ATOLL_HOME", home.toString());
      builder.environment().putAll(environment);
      Process process = builder.start();
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
        throw new AssertionError(command + " took more than " + seconds + " s");
      }
      String output = Files.readString(log, StandardCharsets.UTF_8);
      Files.delete(log);
      return new Result(process.exitValue(), output);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    }
  }

  JsonNode status() {
    return Reply.JSON.readTree(atoll(60, "status", "--json"));
  }

  long pid(String role) {
    return status().path("pids").path(role).asLong();
  }

  /** The process that the installation's own supervisor runs of each role; systemd's are asked. */
  Map<String, Long> pids() {
    Map<String, Long> pids = new HashMap<>();
    Path state = run().resolve("supervise.state");
    JsonNode told = Files.exists(state) ? json(state) : status().path("pids");
    told.properties()
        .forEach(role ->
            pids.put(role.getKey(), role.getValue().path("pid").asLong(role.getValue().asLong(0))));
    return pids;
  }

  private Path run() {
    return Path.of("/run/atoll", id());
  }

  private String id() {
    try {
      return Files.readAllLines(home.resolve("identity")).stream()
          .filter(line -> line.startsWith("id = "))
          .map(line -> line.substring("id = ".length()))
          .findFirst()
          .orElseThrow();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static JsonNode json(Path file) {
    try {
      return Reply.JSON.readTree(Files.readAllBytes(file));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Ends a process of the platform as a crash would. */
  void kill(String role) {
    long pid = pid(role);
    if (pid <= 1) {
      throw new AssertionError("no process id of " + role + " in " + status());
    }
    killProcess(pid);
  }

  /** Holds a process still, as a machine does that has too much to do, until it is closed. */
  Standstill hold(String role) {
    long pid = pid(role);
    signal(pid, "STOP");
    return () -> signal(pid, "CONT");
  }

  /** A process that stands still. */
  interface Standstill extends AutoCloseable {
    @Override
    void close();
  }

  private static void signal(long pid, String name) {
    try {
      if (new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor() != 0) {
        throw new AssertionError("no signal " + name + " for " + pid);
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Ends a process, which may have ended already, as a crash would. */
  static void killProcess(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }

  /** Ends the first process of a sandbox's machine; false when it has none. */
  boolean killGuest(String sandbox) {
    JsonNode place = json(home.resolve("node/workloads").resolve(sandbox + ".json")).path("place");
    long pid = place.path("pid").asLong();
    try {
      // A number that another process has by now is not its own.
      String groups = Files.readString(Path.of("/proc/" + pid + "/cgroup"));
      boolean own = groups.contains("/" + place.path("machine").asString());
      if (own) {
        killProcess(pid);
      }
      return own;
    } catch (IOException none) {
      return false;
    }
  }

  /** The machines that have a control group, in whatever hierarchy. */
  Set<String> cgroups(String id) {
    String find = "find /sys/fs/cgroup -type d -regex '.*/atoll-" + id + "/[^/]*' 2>/dev/null";
    String found = run(20, List.of("bash", "-c", find)).output();
    return found
        .lines()
        .map(path -> path.substring(path.lastIndexOf('/') + 1))
        .collect(Collectors.toSet());
  }

  /** The interfaces of its sandboxes on the host's side. */
  long interfaces(String id) {
    return run(20, List.of("ip", "-o", "link"))
        .output()
        .lines()
        .filter(line -> line.contains(": " + id + "h"))
        .count();
  }

  /** What a benchmark that runs, or ran, as this process has on this machine. */
  Set<String> ofBenchmark(long pid) {
    String find =
        "nsenter --mount=%s/ns/mnt find /run/netns %s/trees /sys/fs/cgroup -maxdepth 3 -name bench%d"
            .formatted(run(), run(), pid);
    return run(20, List.of("bash", "-c", find)).output().lines().collect(Collectors.toSet());
  }

  /** How many copy-on-write trees the node has, those that are still being deleted included. */
  int trees() {
    String run = "/run/atoll/" + status().path("id").asString();
    String count =
        "nsenter --mount=%s/ns/mnt find %s/trees/live %s/trees/dropped -mindepth 1 -maxdepth 1 | wc -l"
            .formatted(run, run, run);
    return Integer.parseInt(run(20, List.of("bash", "-c", count)).output().strip());
  }

  /** What still carries the id of the installation on this machine. */
  List<String> leftovers(String id) {
    List<String> left = new ArrayList<>();
    for (String command :
        List.of(
            "grep -F " + home + " /proc/self/mountinfo",
            "grep -F /run/atoll/" + id + " /proc/self/mountinfo",
            "ip netns list | grep -F atoll-" + id,
            "ip -o link | grep -F ' " + id + "h'",
            "find /sys/fs/cgroup -type d -name 'atoll-" + id + "*'",
            "losetup -a | grep -F " + home,
            "nft list tables | grep -F atoll_" + id,
            "pgrep -fa -- '/run/atoll/" + id + "/'")) {
      Result result = run(20, List.of("bash", "-c", command));
      if (!result.output().isBlank()) {
        left.add(command + ": " + result.output().strip());
      }
    }
    return left;
  }
}
