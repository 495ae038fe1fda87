package com.atoll.node.runtime;

import com.atoll.node.cgroups.Cgroups;
import com.atoll.node.guest.GuestClient;
import com.atoll.node.linux.EndWatch;
import com.atoll.node.network.Slot;
import com.atoll.platform.CrashPoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * Starts, adopts and ends machines. What a machine has on the host besides its slot and tree (a
 * bundle, the runtime's state, a socket, a control group) carries its id and is found by it.
 */
public final class Machines {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Paths paths;
  private final OciConfig config;
  private final Spawn spawn;
  private final Cgroups cgroups;
  private final InstantSource clock;
  private final EndWatch watch = new EndWatch();
  private final Set<String> running = ConcurrentHashMap.newKeySet();
  private volatile Consumer<String> onDeath = machine -> {};

  /**
   * Where machines leave their traces.
   *
   * @param run the installation's run folder
   */
  record Paths(Path run) {
    Path bundles() {
      return run.resolve("bundles");
    }

    Path state() {
      return run.resolve("crun");
    }

    Path sockets() {
      return run.resolve("guest");
    }

    Path socket(String machine) {
      return sockets().resolve(machine + ".sock");
    }
  }

  /**
   * Machines of this node.
   *
   * @param run the installation's run folder
   * @param agent the guest agent on the host
   */
  public Machines(Path run, Path agent, Spawn spawn, Cgroups cgroups, InstantSource clock)
      throws IOException {
    this.paths = new Paths(run);
    this.config = new OciConfig(agent, OpenFiles.limit(), CrashPoints.enabled());
    this.spawn = spawn;
    this.cgroups = cgroups;
    this.clock = clock;
    for (Path folder : new Path[] {paths.bundles(), paths.state(), paths.sockets()}) {
      Files.createDirectories(folder);
      // The runtime reaches a root file system as the user that is root inside.
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    }
  }

  /** Who is told the id of a machine whose process 1 ended, for whatever reason. */
  public void onDeath(Consumer<String> listener) {
    onDeath = listener;
  }

  /** Starts process 1; its agent can be called when this returns. */
  public Machine start(Bundle bundle) {
    String id = bundle.machine();
    Path folder = paths.bundles().resolve(id);
    try {
      Files.createDirectory(folder);
      Map<String, Object> json = config.of(bundle, Spawn.root(folder), cgroups.ociPath(id));
      Files.write(folder.resolve("config.json"), JSON.writeValueAsBytes(json));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the bundle of " + id, e);
    }
    long pid = spawn.start(bundle, folder, paths.state(), paths.socket(id), cgroups.ociPath(id));
    running.add(id);
    watch.add(pid, () -> ended(id));
    return new Machine(
        id,
        bundle.slot(),
        pid,
        new GuestClient(paths.socket(id)),
        bundle.image().env(),
        clock.millis());
  }

  /** A machine that an earlier process of this node started, when its process 1 still lives. */
  public Optional<Machine> adopt(String id, long pid, Slot slot, Map<String, String> imageEnv) {
    if (id.isEmpty() || !cgroups.processes(id).contains(pid)) {
      return Optional.empty();
    }
    running.add(id);
    watch.add(pid, () -> ended(id));
    GuestClient guest = new GuestClient(paths.socket(id));
    return Optional.of(new Machine(id, slot, pid, guest, imageEnv, clock.millis()));
  }

  /** Whether process 1 of this machine has not ended. */
  public boolean alive(String id) {
    return running.contains(id);
  }

  /** Ends all its processes and removes its traces. Unknown machines are ended. */
  public void end(String id) {
    running.remove(id);
    cgroups.kill(id);
    cgroups.remove(id);
    try {
      Files.deleteIfExists(paths.socket(id));
      remove(paths.state().resolve(id));
      remove(paths.bundles().resolve(id));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot clear machine " + id + " away", e);
    }
  }

  /** Every machine that has left a trace. */
  public Set<String> list() {
    Set<String> found = new HashSet<>();
    names(paths.bundles(), found);
    names(paths.state(), found);
    names(paths.sockets(), found);
    return found;
  }

  private void ended(String id) {
    if (running.remove(id)) {
      onDeath.accept(id);
    }
  }

  private static void names(Path folder, Set<String> into) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = String.valueOf(entry.getFileName());
        into.add(name.endsWith(".sock") ? name.substring(0, name.length() - 5) : name);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
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
