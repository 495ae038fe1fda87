package com.atoll.node;

import com.atoll.node.cgroups.Cgroups;
import com.atoll.node.cgroups.HostCgroups;
import com.atoll.node.linux.LoopDevices;
import com.atoll.node.linux.Mounts;
import com.atoll.node.network.RoutedNetworkPool;
import com.atoll.node.runtime.OwnProc;
import com.atoll.node.runtime.PressureMeters;
import com.atoll.node.runtime.SpawnProcess;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/**
 * Removes everything that an installation has on the host and keeps its files: {@code TearDown
 * --installation FILE}. The node must not run any more; that it died, or left half of something
 * behind, does not matter. Each step is tried whatever became of the others; to repeat it is
 * harmless.
 */
public final class TearDown {
  private static final Logger LOG = Logger.getLogger(TearDown.class.getName());
  private static final List<String> LEFT =
      List.of(
          "bundles",
          "crun",
          "runsc",
          "runsc-test",
          "guest",
          "node.sock",
          "calls.sock",
          "streams.sock");

  private static final List<String> MOUNT_POINTS = List.of("views", "images", "trees");

  private int failures;

  private TearDown() {}

  /** One step that may fail. */
  private interface Step {
    void run() throws IOException;
  }

  /** Ends with 1 when something is left. */
  public static void main(String[] arguments) {
    if (arguments.length != 2 || !arguments[0].equals("--installation")) {
      System.err.println("usage: TearDown --installation FILE");
      System.exit(2);
    }
    TearDown work = new TearDown();
    work.run(Installation.read(Path.of(arguments[1])));
    System.exit(work.failures == 0 ? 0 : 1);
  }

  private void run(Installation installation) {
    Path run = installation.run();
    // Nothing new may start, then everything that runs ends, then what it stood on goes.
    step("fork server", () -> SpawnProcess.endEarlier(run));
    step("control groups", () -> cgroups(installation));
    step("network", () -> RoutedNetworkPool.remove(installation));
    step(
        "meters of pressure",
        () -> PressureMeters.ofMachine(run).restore(RoutedNetworkPool.hasNeighbors(installation)));
    step("mounts", () -> mounts(run));
    step("loop devices", () -> devices(installation.home()));
    step("mount points", () -> mountPoints(run));
    for (String name : LEFT) {
      step(name, () -> remove(run.resolve(name)));
    }
  }

  private static void cgroups(Installation installation) throws IOException {
    Cgroups cgroups = HostCgroups.open(installation);
    for (String id : cgroups.list()) {
      OwnProc.kill(cgroups, id);
    }
    cgroups.down();
  }

  /** Whatever is mounted below the run folder, inner mounts first. */
  private static void mounts(Path run) throws IOException {
    if (!Files.isDirectory(run)) {
      return;
    }
    Path real = run.toRealPath();
    for (Path mount : Mounts.list().reversed()) {
      if (mount.startsWith(real) && !mount.equals(real)) {
        Mounts.unmount(mount);
      }
    }
  }

  /** Wherever in the home the file lies by now. */
  private static void devices(Path home) throws IOException {
    for (Path device : LoopDevices.below(home)) {
      LoopDevices.detach(device);
    }
  }

  /** Only empty directories: what is still mounted keeps its files. */
  private static void mountPoints(Path run) throws IOException {
    for (String name : MOUNT_POINTS) {
      Path folder = run.resolve(name);
      if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        try (DirectoryStream<Path> below = Files.newDirectoryStream(folder)) {
          for (Path place : below) {
            Files.delete(place);
          }
        }
        Files.delete(folder);
      }
    }
  }

  private void step(String name, Step step) {
    try {
      step.run();
    } catch (IOException | RuntimeException e) {
      failures++;
      LOG.log(Level.WARNING, e, () -> name + ": not all gone");
    }
  }

  private static void remove(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
