package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxState;
import com.atoll.node.v1.PauseRequest;
import com.atoll.node.v1.UpdateRequest;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.node.v1.WorkloadState;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.routes.Routes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pauses, resumes and destroys: first where the truth is, then where it is told. */
final class Lifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);

  /** How long a gateway may take to forget an address before it may be given out again. */
  private static final Duration FORGET = Duration.ofMillis(500);

  private final NodeClient node;
  private final Rows rows;
  private final Creation creation;
  private final Starts starts;
  private final Directory directory;
  private final Routes routes;
  private final IdLocks locks;
  private final Gate gate;
  private final List<Consumer<Sandbox>> beforeEnd = new CopyOnWriteArrayList<>();
  private final List<Consumer<Sandbox>> afterEnd = new CopyOnWriteArrayList<>();
  private volatile ToIntFunction<Sandbox> leastLife = sandbox -> 0;

  Lifecycle(
      NodeClient node,
      Rows rows,
      Creation creation,
      Starts starts,
      Directory directory,
      Routes routes,
      IdLocks locks,
      Gate gate) {
    this.node = node;
    this.rows = rows;
    this.creation = creation;
    this.starts = starts;
    this.directory = directory;
    this.routes = routes;
    this.locks = locks;
    this.gate = gate;
  }

  /** Does this with each sandbox that is about to lose its machine. */
  void beforeEnd(Consumer<Sandbox> action) {
    beforeEnd.add(action);
  }

  /** Does this with each sandbox whose machine has paused or ended by itself. */
  void afterEnd(Consumer<Sandbox> action) {
    afterEnd.add(action);
  }

  /** The machine of a sandbox has paused or ended by itself, and its row does not say so yet. */
  void ended(Sandbox sandbox) {
    if (sandbox.state() == SandboxState.RUNNING) {
      afterEnd.forEach(action -> action.accept(sandbox));
    }
  }

  /**
   * Its machine said that it has paused a sandbox whose row said that it runs, before that was told
   * as news: the row says so too, unless somebody has resumed it meanwhile.
   */
  Sandbox foundPaused(Sandbox asked) {
    try (var _ = locks.lock(asked.id())) {
      Sandbox sandbox = current(asked);
      if (sandbox.state() != SandboxState.RUNNING
          || node.workloads().get(ref(sandbox)).getState() != WorkloadState.PAUSED) {
        return sandbox;
      }
      ended(sandbox);
      return rows.move(sandbox, SandboxState.PAUSED, "sandbox.paused", null).orElse(sandbox);
    }
  }

  /** Says how many seconds a sandbox runs at least that was woken by its use; 0 for no least. */
  void leastLife(ToIntFunction<Sandbox> seconds) {
    leastLife = seconds;
  }

  private void ends(Sandbox sandbox) {
    if (sandbox.state() == SandboxState.RUNNING) {
      beforeEnd.forEach(action -> action.accept(sandbox));
    }
  }

  /**
   * Stops compute and keeps files; memory too when {@code frozen}.
   *
   * @param keepMemorySec for how long at most; 0 for the machine's own measure
   */
  Sandbox pause(Sandbox asked, boolean frozen, int keepMemorySec) {
    try (var _ = locks.lock(asked.id())) {
      Sandbox sandbox = current(asked);
      if (sandbox.state() == SandboxState.PAUSED) {
        if (!frozen) {
          // It may be paused with its processes.
          pauseOnNode(sandbox, PauseRequest.Mode.STOP, 0);
        } else if (keepMemorySec > 0) {
          // How long they are kept is as was said last.
          pauseOnNode(sandbox, PauseRequest.Mode.FREEZE, keepMemorySec);
        }
        return sandbox;
      }
      require(sandbox, SandboxState.RUNNING);
      ends(sandbox);
      leave(sandbox, frozen ? PauseRequest.Mode.FREEZE : PauseRequest.Mode.STOP, keepMemorySec);
      CrashPoint.PAUSE_AFTER_NODE.reach();
      return rows.move(sandbox, SandboxState.PAUSED, "sandbox.paused", null).orElse(sandbox);
    }
  }

  /** No gateway goes by the address when the machine gives it to somebody else. */
  private void leave(Sandbox sandbox, PauseRequest.Mode mode, int keepMemorySec) {
    awaitGateways(sandbox.id(), directory.leaves(sandbox.id()));
    try {
      pauseOnNode(sandbox, mode, keepMemorySec);
    } catch (RuntimeException failed) {
      directory.stays(sandbox.id());
      throw failed;
    }
  }

  private void pauseOnNode(Sandbox sandbox, PauseRequest.Mode mode, int keepMemorySec) {
    var _ =
        node.workloads()
            .pause(
                PauseRequest.newBuilder()
                    .setId(sandbox.id())
                    .setMode(mode)
                    .setKeepMemoryMs(keepMemorySec * 1000L)
                    .build());
  }

  /** Brings a paused sandbox back; one that runs stays as it is. */
  Sandbox resume(Sandbox asked) {
    return resume(asked, UnaryOperator.identity(), UnaryOperator.identity());
  }

  /**
   * The same with a change before it; nothing can happen to the sandbox in between.
   *
   * @param asleep changes one that does not run
   * @param awake changes one that runs already, and may find that it does not any more
   */
  Sandbox resume(Sandbox asked, UnaryOperator<Sandbox> asleep, UnaryOperator<Sandbox> awake) {
    try (var _ = locks.lock(asked.id())) {
      Sandbox sandbox = current(asked);
      if (sandbox.state() == SandboxState.RUNNING) {
        sandbox = awake.apply(sandbox);
        if (sandbox.state() == SandboxState.RUNNING) {
          return sandbox;
        }
      }
      requireLiving(sandbox);
      return resumeHeld(asleep.apply(sandbox), 0);
    }
  }

  private static void requireLiving(Sandbox sandbox) {
    if (sandbox.state() == SandboxState.DESTROYED) {
      throw AtollException.of(ErrorCode.SANDBOX_DESTROYED, sandbox.id());
    }
  }

  /** The same for somebody who uses it and has not asked for that. */
  Sandbox resumeForUse(Sandbox asked) {
    try (var _ = locks.lock(asked.id())) {
      Sandbox sandbox = current(asked);
      return sandbox.state() == SandboxState.RUNNING
          ? sandbox
          : resumeHeld(sandbox, leastLife.applyAsInt(sandbox));
    }
  }

  /** Makes sure on the node that a sandbox runs, whatever the row says, and where. */
  Sandbox wake(Sandbox asked) {
    try (var _ = locks.lock(asked.id())) {
      Sandbox sandbox = current(asked);
      if (sandbox.state() != SandboxState.RUNNING) {
        return resumeHeld(sandbox, leastLife.applyAsInt(sandbox));
      }
      Workload workload = resumed(sandbox);
      return workload.getIncarnation() == sandbox.incarnation()
              && workload.getAddress().equals(sandbox.address())
          ? sandbox
          : rows.started(sandbox, workload);
    }
  }

  /** Ends a sandbox and drops its files. */
  void destroy(Sandbox asked) {
    try (var _ = locks.lock(asked.id())) {
      Sandbox sandbox = current(asked);
      rows.move(sandbox, SandboxState.DESTROYED, "sandbox.destroyed", null);
      CrashPoint.DELETE_AFTER_COMMIT.reach();
      unroute(sandbox);
      CrashPoint.DELETE_AFTER_UNROUTE.reach();
      ends(sandbox);
      endOnNode(sandbox);
      CrashPoint.DELETE_AFTER_DESTROY.reach();
    }
  }

  /** Drives a sandbox whose stored answer says that it runs to that state. */
  void drive(Sandbox asked) {
    try (var _ = locks.lock(asked.id())) {
      Sandbox sandbox = current(asked);
      switch (sandbox.state()) {
        case RUNNING ->
            starts.again(
                sandbox.bootPath() == null
                    ? rows.started(sandbox, creation.claimAgain(sandbox))
                    : sandbox);
        case PAUSED, ERROR, CREATING -> resumeHeld(sandbox, 0);
        case DESTROYED -> {}
      }
    }
  }

  /** The same, when the lock of the sandbox is held; it runs for so many seconds at least. */
  private Sandbox resumeHeld(Sandbox sandbox, int leastSec) {
    requireLiving(sandbox);
    try (var _ = gate.now().admit(sandbox, false)) {
      return resumeAdmitted(sandbox, leastSec);
    }
  }

  private Sandbox resumeAdmitted(Sandbox sandbox, int leastSec) {
    Workload workload;
    try {
      workload = lasting(resumed(sandbox), leastSec);
    } catch (AtollException refused) {
      if (refused.code() == ErrorCode.NOT_FOUND) {
        throw AtollException.of(ErrorCode.SANDBOX_NOT_RUNNING, sandbox.id());
      }
      throw refused;
    }
    CrashPoint.RESUME_AFTER_NODE.reach();
    Optional<Sandbox> moved = rows.move(sandbox, SandboxState.RUNNING, "sandbox.resumed", null);
    return rows.started(moved.orElse(sandbox), workload);
  }

  /** Whoever has a row is claimed for good: an old lease must not end what runs now. */
  private Workload resumed(Sandbox sandbox) {
    Workload workload = node.workloads().resume(ref(sandbox));
    return workload.getConfirmed() ? workload : node.workloads().confirm(ref(sandbox));
  }

  /** One that has less time than this, and not no end, has this from now on. */
  private Workload lasting(Workload workload, int leastSec) {
    long end = workload.getTimeoutAtUnixMs();
    long leastMs = leastSec * 1000L;
    if (leastSec == 0 || end == 0 || end >= System.currentTimeMillis() + leastMs) {
      return workload;
    }
    return node.workloads()
        .update(UpdateRequest.newBuilder().setId(workload.getId()).setTimeoutMs(leastMs).build());
  }

  private void unroute(Sandbox sandbox) {
    awaitGateways(sandbox.id(), routes.remove(Directory.key(sandbox.id()), Long.MAX_VALUE));
  }

  /** Waits a moment until no gateway uses an older route of this sandbox. */
  void awaitGateways(String id, long version) {
    try {
      if (!routes.awaitAcknowledged(version, FORGET)) {
        LOG.debug("A gateway has not taken in the route of {} yet.", id);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends a machine whose sandbox is destroyed already, after a last look at what it used. */
  void destroyLeftover(String id) {
    rows.stored(id).ifPresent(gone -> beforeEnd.forEach(action -> action.accept(gone)));
    var _ = destroyOnNode(id);
  }

  /** Ends the machine of a sandbox that is destroyed, and what is of no use without it. */
  void endOnNode(Sandbox sandbox) {
    if (destroyOnNode(sandbox.id())) {
      rows.ended(sandbox);
    }
  }

  /** Ends a machine; false when that has to be done once more. */
  boolean destroyOnNode(String id) {
    try {
      node.workloads().destroy(WorkloadRef.newBuilder().setId(id).build());
      return true;
    } catch (AtollException unreachable) {
      // The row says destroyed: the next comparison does it.
      LOG.warn("Workload {} could not be destroyed now: {}", id, unreachable.getMessage());
      return false;
    }
  }

  /** What is known now, after the lock was waited for. */
  private Sandbox current(Sandbox asked) {
    return directory.byId(asked.id()).orElseGet(() -> rows.reload(asked));
  }

  private static void require(Sandbox sandbox, SandboxState state) {
    if (sandbox.state() == SandboxState.DESTROYED) {
      throw AtollException.of(ErrorCode.SANDBOX_DESTROYED, sandbox.id());
    }
    if (sandbox.state() != state) {
      throw AtollException.of(ErrorCode.SANDBOX_NOT_RUNNING, sandbox.id());
    }
  }

  static WorkloadRef ref(Sandbox sandbox) {
    return WorkloadRef.newBuilder().setId(sandbox.id()).build();
  }
}
