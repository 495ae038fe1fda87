package com.atoll.server.services;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxState;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.FileType;
import com.atoll.node.v1.PathRequest;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.ProcessRef;
import com.atoll.node.v1.SignalRequest;
import com.atoll.node.v1.StartRequest;
import com.atoll.server.machines.Insistence;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.IdLocks;
import com.atoll.server.sandboxes.KeptService;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.SandboxServices;
import com.atoll.server.sandboxes.ServiceWish;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps services running. A process inside the sandbox starts a service again when it ends, so that
 * neither this server nor the node is needed for that; here that process is started whenever the
 * machine of the sandbox is a new one.
 */
public final class Supervisor implements SandboxServices {
  private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);
  private static final int TERM = 15;
  private static final int MOST_REFUSALS = 10_000;

  private static final long KILL_AFTER_MS = 10_000;

  private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(15);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final String SCRIPT = script();

  private final Store store;
  private final NodeClient node;
  private final ServiceTable table;
  private final IdLocks locks = new IdLocks();

  /** Sandboxes that have services or had them: the others cost a start nothing. */
  private final Set<String> having = ConcurrentHashMap.newKeySet();

  /** Until then any sandbox may have some. */
  private volatile boolean loaded;

  /** Why machines refused to start services, by their ids, until they are started or stopped. */
  private final Map<String, String> refusals = new ConcurrentHashMap<>();

  /** Of the sandboxes on this node. */
  public Supervisor(Store store, Vault vault, NodeClient node) {
    this.store = store;
    this.node = node;
    table = new ServiceTable(vault);
  }

  /** Looks once after all services, when every living sandbox is known. */
  public void load(Function<String, Optional<Sandbox>> living) {
    List<String> ids = store.system(ServiceTable::sandboxes);
    having.addAll(ids);
    loaded = true;
    for (String id : ids) {
      living
          .apply(id)
          .filter(sandbox -> sandbox.state() == SandboxState.RUNNING)
          .ifPresent(this::started);
    }
  }

  Store store() {
    return store;
  }

  ServiceTable table() {
    return table;
  }

  @Override
  public void add(Tx tx, Sandbox sandbox, List<ServiceWish> wishes) {
    for (ServiceWish wish : wishes) {
      add(tx, sandbox, wish, true);
    }
  }

  @Override
  public void copy(Tx tx, String sourceId, Sandbox fork) {
    if (mayHave(sourceId)) {
      for (Service service : table.of(tx, sourceId)) {
        add(tx, fork, service.wish(), service.wanted());
      }
      // Its memory may hold the process of one that was deleted.
      tx.afterCommit(() -> having.add(fork.id()));
    }
  }

  @Override
  public void keep(Tx tx, String sandboxId, String snapshotId) {
    if (mayHave(sandboxId)) {
      keep(
          tx,
          snapshotId,
          table.of(tx, sandboxId).stream()
              .map(service -> new KeptService(service.wish(), service.wanted()))
              .toList());
    }
  }

  @Override
  public void keep(Tx tx, String snapshotId, List<KeptService> services) {
    if (!services.isEmpty()) {
      table.keep(tx, snapshotId, services);
    }
  }

  @Override
  public List<KeptService> kept(Tx tx, String snapshotId) {
    return table.kept(tx, snapshotId);
  }

  @Override
  public void end(Tx tx, Sandbox sandbox) {
    ServiceTable.deleteOf(tx, sandbox.id());
    tx.afterCommit(() -> having.remove(sandbox.id()));
  }

  @Override
  public void restore(Tx tx, String snapshotId, Sandbox sandbox) {
    for (KeptService kept : table.kept(tx, snapshotId)) {
      add(tx, sandbox, kept.wish(), kept.wanted());
    }
  }

  Service add(Tx tx, Sandbox sandbox, ServiceWish wish, boolean wanted) {
    Service service = table.insert(tx, sandbox.id(), wish, wanted);
    tx.event(service.event("service.created", sandbox));
    tx.afterCommit(() -> having.add(sandbox.id()));
    return service;
  }

  @Override
  public void started(Sandbox sandbox) {
    if (mayHave(sandbox.id())) {
      beside(sandbox, () -> Insistence.now(() -> settled(sandbox)));
    }
  }

  private boolean mayHave(String sandboxId) {
    return !loaded || having.contains(sandboxId);
  }

  @Override
  public void start(Sandbox sandbox) {
    if (!settled(sandbox)) {
      beside(sandbox, () -> Insistence.again(() -> settled(sandbox)));
    }
  }

  private static void beside(Sandbox sandbox, Runnable work) {
    Thread.ofVirtual().name("services-" + sandbox.id()).start(work);
  }

  /** Starts what has to run; false when that was not possible now, and may be later. */
  private boolean settled(Sandbox sandbox) {
    try (var _ = locks.lock(sandbox.id())) {
      List<Service> wanted =
          store.transaction(sandbox.org(), tx -> table.of(tx, sandbox.id())).stream()
              .filter(Service::wanted)
              .toList();
      Map<String, Process> there = Observed.processes(node, sandbox.id());
      boolean settled = true;
      for (Service service : wanted) {
        // One that has ended on this machine ended for good, as its policy says.
        if (!there.containsKey(service.name())) {
          settled &= isDone(sandbox, () -> launch(service));
        }
      }
      Set<String> names = wanted.stream().map(Service::name).collect(Collectors.toSet());
      for (Map.Entry<String, Process> each : there.entrySet()) {
        // It was told to stop, or deleted, while it stood still.
        if (!names.contains(each.getKey())) {
          settled &= isDone(sandbox, () -> end(sandbox.id(), each.getValue()));
        }
      }
      return settled;
    } catch (RuntimeException failed) {
      // Whoever asks for them sees them pending; the next start of the machine tries again.
      LOG.info("Services of {} were not started: {}", sandbox.id(), failed.getMessage());
      return !Insistence.isWorthwhile(failed);
    }
  }

  /**
   * Does one thing of several, and keeps nobody from the others by its failure; false when it may
   * be done later.
   */
  private static boolean isDone(Sandbox sandbox, Runnable one) {
    try {
      one.run();
      return true;
    } catch (RuntimeException failed) {
      LOG.info("A service of {} is not as it should be: {}", sandbox.id(), failed.getMessage());
      return !Insistence.isWorthwhile(failed);
    }
  }

  /** Starts one that was just made; where that is not possible it is told with the service. */
  void begin(Sandbox sandbox, Service service) {
    if (!isDone(sandbox, () -> start(service))) {
      beside(sandbox, () -> Insistence.again(() -> settled(sandbox)));
    }
  }

  /** Refuses a directory that is not there, before anything is written down. */
  void requireDirectory(Sandbox sandbox, ServiceWish wish) {
    String directory = wish.workingDir();
    if (directory != null) {
      FileInfo found =
          node.files()
              .stat(
                  PathRequest.newBuilder()
                      .setWorkloadId(sandbox.id())
                      .setPath(directory)
                      .setFollow(true)
                      .build());
      if (found.getType() != FileType.DIRECTORY) {
        throw AtollException.invalid("working_dir", "is no directory");
      }
    }
  }

  /** Starts one that does not run, unless it was told to stop or deleted meanwhile. */
  void start(Service service) {
    try (var _ = locks.lock(service.sandboxId())) {
      reread(service).filter(Service::wanted).ifPresent(this::startLocked);
    }
  }

  private void startLocked(Service service) {
    Process there = Observed.processes(node, service.sandboxId()).get(service.name());
    if (there == null || !Observed.isRunning(there)) {
      launch(service);
    }
  }

  /** Ends one and waits until it has ended, unless it was told to start meanwhile. */
  void stop(Service service) {
    try (var _ = locks.lock(service.sandboxId())) {
      reread(service).filter(now -> !now.wanted()).ifPresent(this::end);
    }
  }

  /** Ends one if it runs and starts it, unless it was told to stop or deleted meanwhile. */
  void restart(Service service) {
    try (var _ = locks.lock(service.sandboxId())) {
      Optional<Service> now = reread(service);
      now.ifPresent(this::end);
      now.filter(Service::wanted).ifPresent(this::launch);
    }
  }

  /** Ends one, if its sandbox runs, and deletes it. */
  void delete(Sandbox sandbox, Service service) {
    try (var _ = locks.lock(sandbox.id())) {
      if (sandbox.state() == SandboxState.RUNNING) {
        end(service);
      }
      store.execute(
          sandbox.org(),
          tx -> {
            if (ServiceTable.delete(tx, service)) {
              tx.event(service.event("service.deleted", sandbox));
            }
          });
    }
  }

  /** As it is now, if it is: what the caller read is from before it had the lock. */
  private Optional<Service> reread(Service service) {
    return store.transaction(
        service.org(), tx -> table.find(tx, service.sandboxId(), service.id()));
  }

  /** How the services of a sandbox that runs do. */
  Observed observed(Service service, Map<String, Process> processes) {
    Process process = processes.get(service.name());
    String refusal = refusals.get(service.id());
    return refusal == null || (process != null && Observed.isRunning(process))
        ? Observed.of(node, service, process)
        : Observed.refused(refusal);
  }

  Map<String, Process> processes(String sandboxId) {
    return Observed.processes(node, sandboxId);
  }

  NodeClient node() {
    return node;
  }

  /**
   * Whether the service that has this port of a sandbox, or the app of its template, listens there,
   * after a few seconds at most; false at once when neither has it that is to run.
   *
   * @param app whether the app of the template is started with the sandbox, at this port
   */
  public boolean listens(Supplier<Optional<Sandbox>> sandbox, int port, boolean app) {
    return (app || isDeclared(sandbox.get(), port)) && new Listening(node).await(sandbox, port);
  }

  private boolean isDeclared(Optional<Sandbox> sandbox, int port) {
    Optional<Sandbox> known = sandbox.filter(now -> having.contains(now.id()));
    return known.isPresent()
        && store.transaction(known.get().org(), tx -> table.of(tx, known.get().id())).stream()
            .anyMatch(service -> service.wanted() && Objects.equals(service.wish().port(), port));
  }

  private void launch(Service service) {
    ServiceWish wish = service.wish();
    CommandSpec.Builder command =
        CommandSpec.newBuilder()
            .addAllWords(List.of("/bin/sh", "-c", SCRIPT, "service"))
            .addWords(String.valueOf(wish.restartPolicy()))
            .addWords(Observed.stateFile(service))
            .addWords(String.valueOf(wish.command()))
            .addWords(wish.workingDir() == null ? "" : wish.workingDir());
    Map<String, String> env = wish.env();
    if (env != null) {
      command.putAllEnv(env);
    }
    if (wish.port() != null) {
      command.putEnv("PORT", wish.port().toString());
    }
    try {
      node.processes()
          .start(
              StartRequest.newBuilder()
                  .setWorkloadId(service.sandboxId())
                  .setName(Observed.processName(service))
                  .setCommand(command)
                  .build());
      refusals.remove(service.id());
    } catch (AtollException refused) {
      if (!Insistence.isWorthwhile(refused)) {
        keepRefusal(service, String.valueOf(refused.getMessage()));
      }
      throw refused;
    }
  }

  private void keepRefusal(Service service, String reason) {
    if (refusals.size() >= MOST_REFUSALS) {
      refusals.clear();
    }
    refusals.put(service.id(), reason);
  }

  private void end(Service service) {
    refusals.remove(service.id());
    Process process = Observed.processes(node, service.sandboxId()).get(service.name());
    if (process != null) {
      end(service.sandboxId(), process);
    }
  }

  private void end(String sandboxId, Process process) {
    if (!Observed.isRunning(process)) {
      return;
    }
    try {
      node.processes()
          .signal(
              SignalRequest.newBuilder()
                  .setWorkloadId(sandboxId)
                  .setPid(process.getPid())
                  .setSignal(TERM)
                  .setGroup(true)
                  .setKillAfterMs(KILL_AFTER_MS)
                  .build());
    } catch (AtollException refused) {
      if (refused.code() != ErrorCode.PROCESS_NOT_FOUND) {
        throw refused;
      }
    }
    ProcessRef ref =
        ProcessRef.newBuilder().setWorkloadId(sandboxId).setPid(process.getPid()).build();
    long end = System.nanoTime() + GIVE_UP_NANOS;
    while (Observed.isRunning(node.processes().getProcess(ref))) {
      if (System.nanoTime() - end > 0) {
        throw AtollException.of(ErrorCode.RESOURCE_STATE, "the service does not end");
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private static String script() {
    try (InputStream in = Supervisor.class.getResourceAsStream("/services/supervise.sh")) {
      if (in == null) {
        throw new IllegalStateException("supervise.sh is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
