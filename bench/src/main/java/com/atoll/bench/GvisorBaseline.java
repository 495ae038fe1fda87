package com.atoll.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * The bare program of gVisor with one process that holds 200 MB, over the same image: no network,
 * no control group, no user namespace. Runs in the node's mount namespace, where images are
 * mounted.
 */
final class GvisorBaseline implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String SOURCE = "atoll-bench-source";
  private static final String COPY = "atoll-bench-copy";

  private final Path runsc;
  private final Path scratch;

  private GvisorBaseline(Path runsc, Path scratch) {
    this.runsc = runsc;
    this.scratch = scratch;
  }

  /** A baseline whose process holds its memory. */
  static GvisorBaseline like(Setup setup) throws IOException {
    Path runsc =
        Objects.requireNonNull(
            setup.installation().isolationPolicy().runsc(), "this installation has no gVisor");
    Path image;
    try (Stream<Path> each = Files.list(setup.installation().run().resolve("images"))) {
      image =
          each.filter(folder -> Files.isDirectory(folder.resolve("workspace")))
              .findFirst()
              .orElseThrow(() -> new IOException("no image is mounted"));
    }
    // On the same disk as the images of sandboxes.
    Path scratch = Files.createTempDirectory(setup.home(), "bench-gvisor-");
    GvisorBaseline baseline = new GvisorBaseline(runsc, scratch);
    try {
      baseline.start(image);
      return baseline;
    } catch (IOException | RuntimeException e) {
      baseline.close();
      throw e;
    }
  }

  private void start(Path image) throws IOException {
    Map<String, Object> capabilities = Map.of();
    Map<String, Object> config =
        Map.of(
            "ociVersion", "1.1.0",
            "root", Map.of("path", image.toString(), "readonly", true),
            "hostname", "bench",
            "process",
                Map.of(
                    "cwd", "/",
                    "args", List.of("/usr/bin/python3", "-c", GvisorBench.HOLD),
                    "env", List.of("PATH=/usr/bin:/bin"),
                    "user", Map.of("uid", 0, "gid", 0),
                    "capabilities", capabilities),
            "mounts",
                List.of(
                    Map.of("destination", "/proc", "type", "proc", "source", "proc"),
                    Map.of("destination", "/dev", "type", "tmpfs", "source", "tmpfs"),
                    Map.of("destination", "/dev/shm", "type", "tmpfs", "source", "shm")),
            "linux",
                Map.of(
                    "namespaces",
                    List.of(
                        Map.of("type", "pid"),
                        Map.of("type", "mount"),
                        Map.of("type", "network"))));
    Files.write(scratch.resolve("config.json"), JSON.writeValueAsBytes(config));
    call("run", "--detach", "--bundle=" + scratch, SOURCE);
    long end = System.nanoTime() + 30_000_000_000L;
    while (true) {
      try {
        call("exec", SOURCE, "/bin/cat", "/dev/shm/held");
        return;
      } catch (IOException notYet) {
        if (System.nanoTime() > end) {
          throw notYet;
        }
        LockSupport.parkNanos(50_000_000);
      }
    }
  }

  /** Writes the process to disk; it goes on. */
  void checkpoint() throws IOException {
    Path image = Files.createDirectory(scratch.resolve("image"));
    call("checkpoint", "--image-path=" + image, "--leave-running", "--compression=none", SOURCE);
  }

  /** Starts a copy of it and runs a command in that. */
  void restore() throws IOException {
    call(
        "restore",
        "--detach",
        "--bundle=" + scratch,
        "--image-path=" + scratch.resolve("image"),
        COPY);
    call("exec", COPY, "/bin/true");
  }

  /** Removes the copy and what it came from. */
  void forget() throws IOException {
    call("delete", "--force", COPY);
    remove(scratch.resolve("image"));
  }

  private void call(String... words) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                runsc.toString(),
                "--root=" + scratch.resolve("state"),
                "--platform=systrap",
                "--network=none",
                "--overlay2=none",
                "--ignore-cgroups"));
    command.addAll(List.of(words));
    // What is detached keeps the streams of its program: nobody may wait for their end.
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(scratch.resolve("said").toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .start();
    if (Shell.ended(process) != 0) {
      throw new IOException(command + " failed: " + Files.readString(scratch.resolve("said")));
    }
  }

  @Override
  public void close() throws IOException {
    for (String id : List.of(COPY, SOURCE)) {
      try {
        call("delete", "--force", id);
      } catch (IOException unknown) {
        // It never was.
      }
    }
    // Where it has no network it mounts an empty one beside its state.
    Path network = scratch.resolve("state/null-netns");
    if (Files.exists(network)) {
      Shell.run("umount", network.toString());
    }
    remove(scratch);
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
