package com.atoll.node.runtime;

import com.atoll.node.cgroups.Cgroups;
import com.atoll.node.guest.GuestClient;
import com.atoll.node.linux.EndWatch;
import com.atoll.node.network.Slot;
import com.atoll.platform.CrashPoints;
import com.atoll.platform.IsolationPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Starts, adopts and ends machines. What a machine has on the host besides its slot and tree (a
 * bundle, the runtime's state, a socket, a control group) carries its id and is found by it.
 */
public final class Machines {
  private static final String SOCKET = ".sock";

  private final Path bundles;
  private final Map<Isolation, Driver> drivers = new EnumMap<>(Isolation.class);
  private final Cgroups cgroups;
  private final InstantSource clock;
  private final EndWatch watch = new EndWatch();
  private final Map<String, GuestClient> running = new ConcurrentHashMap<>();
  private volatile Consumer<String> onDeath = machine -> {};

  /**
   * Machines of this node.
   *
   * @param run the installation's run folder
   * @param bin the installation's own programs
   * @param policy which kinds the owner allows, and their programs
   * @param spareShell whether the agent of a container keeps a shell started for the next command
   */
  public Machines(
      Path run,
      Path bin,
      Spawn spawn,
      IsolationPolicy policy,
      Cgroups cgroups,
      InstantSource clock,
      boolean spareShell)
      throws IOException {
    this.bundles = run.resolve("bundles");
    this.cgroups = cgroups;
    this.clock = clock;
    boolean crashes = CrashPoints.enabled();
    Path agent = bin.resolve("agent");
    Path runsc = policy.runsc();
    long openFiles = OpenFiles.limit();
    OciConfig config = new OciConfig(agent, openFiles, crashes, spareShell);
    OciDriver container = new OciDriver(run, config, spawn, cgroups);
    drivers.put(Isolation.CONTAINER, container);
    drivers.put(
        Isolation.GVISOR,
        new GvisorDriver(
            run,
            runsc == null ? Path.of("/nonexistent") : runsc,
            new GvisorConfig(config, agent, crashes),
            spawn,
            cgroups::ociPath));
    drivers.put(
        Isolation.MICROVM,
        new MicrovmDriver(
            container,
            new MicrovmConfig(
                config, Emulator.of(policy, run, bin), openFiles, crashes, spareShell),
            spawn,
            cgroups));
    for (Path folder : traces()) {
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
    Path folder = bundles.resolve(id);
    Driver driver = driver(bundle.isolation());
    try {
      Files.createDirectory(folder);
      long pid = driver.start(bundle, folder);
      GuestClient guest = driver.guest(id, bundle.slot(), folder);
      began(id, pid, guest);
      return new Machine(
          id, bundle.slot(), pid, guest, bundle.image().env(), bundle.isolation(), clock.millis());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the bundle of " + id, e);
    }
  }

  /** A machine that an earlier process of this node started, when its process 1 still lives. */
  public Optional<Machine> adopt(
      String id, long pid, Slot slot, Map<String, String> imageEnv, Isolation isolation) {
    if (id.isEmpty() || !cgroups.processes(id).contains(pid)) {
      return Optional.empty();
    }
    GuestClient guest;
    try {
      guest = driver(isolation).guest(id, slot, bundles.resolve(id));
    } catch (IOException e) {
      throw new UncheckedIOException("the agent of " + id + " cannot be reached", e);
    }
    began(id, pid, guest);
    return Optional.of(new Machine(id, slot, pid, guest, imageEnv, isolation, clock.millis()));
  }

  /** What programs wrote is in the machine's files after this, unless its agent does not answer. */
  public void settle(String id, Isolation isolation) {
    driver(isolation).settle(id);
  }

  /** Stops every process of a machine where it stands; what is frozen stays so. */
  public void freeze(String id, Isolation isolation) {
    driver(isolation).freeze(id);
  }

  /** Undoes {@link #freeze}; what runs stays so. */
  public void thaw(String id, Isolation isolation) {
    driver(isolation).thaw(id);
  }

  /** Writes the processes of a machine, memory and all, into an empty folder; it runs on. */
  public void checkpoint(String id, Isolation isolation, Path image) {
    driver(isolation).checkpoint(id, image);
  }

  /** The process that reaches the files of a machine for its kernel; none when it has ended. */
  public OptionalLong filesProcess(Machine machine) {
    return switch (machine.isolation()) {
      case CONTAINER, MICROVM -> OptionalLong.of(machine.pid());
      case GVISOR ->
          cgroups.processes(machine.id()).stream()
              .mapToLong(Long::longValue)
              .filter(GvisorDriver::isFilesProcess)
              .findFirst();
    };
  }

  /** Whether process 1 of this machine has not ended. */
  public boolean alive(String id) {
    return running.containsKey(id);
  }

  /** Ends all its processes; its traces stay until {@link #end}. */
  public void kill(String id) {
    forget(id);
    OwnProc.kill(cgroups, id);
  }

  /** Ends all its processes and removes its traces. Unknown machines are ended. */
  public void end(String id) {
    kill(id);
    cgroups.remove(id);
    try {
      for (Path folder : traces()) {
        Files.deleteIfExists(folder.resolve(id + SOCKET));
        remove(folder.resolve(id));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot clear machine " + id + " away", e);
    }
  }

  /** Every machine that has left a trace. */
  public Set<String> list() {
    Set<String> found = new HashSet<>();
    traces().forEach(folder -> names(folder, found));
    return found;
  }

  private Driver driver(Isolation isolation) {
    return Objects.requireNonNull(drivers.get(isolation));
  }

  private List<Path> traces() {
    List<Path> folders = new ArrayList<>(List.of(bundles));
    drivers.values().forEach(driver -> folders.addAll(driver.traces()));
    return folders;
  }

  private void began(String id, long pid, GuestClient guest) {
    running.put(id, guest);
    watch.add(pid, () -> ended(id));
  }

  /** Whoever waits for an answer of its agent waits no longer. */
  private boolean forget(String id) {
    GuestClient guest = running.remove(id);
    if (guest != null) {
      guest.breakOff();
    }
    return guest != null;
  }

  private void ended(String id) {
    if (forget(id)) {
      onDeath.accept(id);
    }
  }

  private static void names(Path folder, Set<String> into) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = String.valueOf(entry.getFileName());
        into.add(name.endsWith(SOCKET) ? name.substring(0, name.length() - SOCKET.length()) : name);
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
