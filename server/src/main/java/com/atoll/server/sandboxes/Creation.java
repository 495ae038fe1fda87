package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.node.v1.ClaimRequest;
import com.atoll.node.v1.ForkRequest;
import com.atoll.node.v1.VolumeMount;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.server.http.KeyedLocks;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.store.UnknownOutcomeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a sandbox into being: the claim on the node and the row in the database at the same time.
 * The committed row decides; what has no counterpart is undone, here or, after a crash, when the
 * lease of the claim ends.
 */
final class Creation {
  private static final Logger LOG = LoggerFactory.getLogger(Creation.class);
  private static final Duration LEASE = Duration.ofSeconds(60);

  /** Clients give up after 60 s; the answer then says that it is being built. */
  private static final Duration BUILD_PATIENCE = Duration.ofSeconds(40);

  /** A start in a burst takes as long as those before it. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Duration LOOK = Duration.ofSeconds(1);

  private final KeyedLocks volumes = new KeyedLocks();
  private final NodeClient node;
  private final Rows rows;
  private final Setup setup;
  private final Starts starts;
  private final SandboxServices services;
  private final TemplateBook templates;
  private final Guards guards;
  private final Probes probes;
  private final Forks.Sources snapshots;
  private final Gate gate;
  private final Afterwork afterwork;
  private final Map<String, CountDownLatch> underway = new ConcurrentHashMap<>();

  /**
   * Creates on this node.
   *
   * @param templates what their images are
   * @param snapshots where those are that some begin with
   */
  Creation(
      NodeClient node,
      Rows rows,
      Setup setup,
      Starts starts,
      SandboxServices services,
      TemplateBook templates,
      Guards guards,
      Afterwork afterwork,
      Probes probes,
      Forks.Sources snapshots,
      Gate gate) {
    this.node = node;
    this.rows = rows;
    this.setup = setup;
    this.starts = starts;
    this.services = services;
    this.templates = templates;
    this.guards = guards;
    this.gate = gate;
    this.afterwork = afterwork;
    this.probes = probes;
    this.snapshots = snapshots;
  }

  /** Whether this sandbox is being created right now, by this process. */
  boolean isUnderway(String id) {
    return underway.containsKey(id);
  }

  /** Waits while this process creates the sandbox; false when it does not, or for too long. */
  boolean awaitEnd(String id) {
    CountDownLatch end = underway.get(id);
    try {
      return end != null && end.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Creates.
   *
   * @param commit stores the row and whatever must be stored with it, in one transaction
   */
  Sandbox create(Plan plan, Runnable commit) {
    return create(plan, false, commit);
  }

  /**
   * The same.
   *
   * @param doubtful whether the machine has refused another one like it and may well do so again
   */
  Sandbox create(Plan plan, boolean doubtful, Runnable commit) {
    boolean sure = !doubtful && isSure(plan);
    String id = plan.sandbox().id();
    CountDownLatch end = new CountDownLatch(1);
    underway.put(id, end);
    probes.expect(plan);
    try (var _ = gate.now().admit(plan.sandbox(), true);
        var _ = volumes.lockAll(wanted(plan, sure))) {
      if (plan.egress() != null || plan.network() != null) {
        guards.begin(plan.sandbox(), plan.egress(), plan.network());
      }
      // Here and not in the task, which may begin when nothing of that is kept any more.
      ClaimRequest request = guarded(plan.claim(LEASE), plan.sandbox());
      FutureTask<Workload> claim = new FutureTask<>(() -> claim(plan, request));
      if (sure) {
        begin(claim);
      } else {
        // What may well be refused must leave no row behind.
        claim.run();
        claimedOrDestroyed(id, claim);
      }
      if (!committed(plan, commit, claim)) {
        undoClaim(plan, claim);
        throw AtollException.of(ErrorCode.DATABASE_UNAVAILABLE);
      }
      CrashPoint.CREATE_AFTER_COMMIT.reach();
      Workload workload = claimedOrUndone(plan, claim);
      CrashPoint.CREATE_AFTER_BOTH.reach();
      afterwork.claimed(id);
      Sandbox created = rows.started(plan.sandbox(), workload);
      startWhatItRuns(plan, created);
      return created;
    } catch (RuntimeException | Error failed) {
      probes.remove(id);
      throw failed;
    } finally {
      guards.settle(plan.sandbox());
      underway.remove(id);
      end.countDown();
    }
  }

  private void startWhatItRuns(Plan plan, Sandbox created) {
    starts.first(plan);
    if (!plan.begin().services().isEmpty()) {
      services.start(created);
    }
  }

  /** The machine takes longer than the row: it is asked before the row is put together. */
  @SuppressWarnings("ThreadPriorityCheck")
  private static void begin(FutureTask<Workload> claim) {
    Thread.ofVirtual().start(claim);
    Thread.yield();
  }

  /**
   * The volumes that a claim and a row take at the same time: of two creates that want the same
   * one, one would get it on the node and the other in the database.
   */
  private static List<String> wanted(Plan plan, boolean sure) {
    return sure ? plan.volumes().stream().map(VolumeMount::getVolumeId).toList() : List.of();
  }

  private boolean isSure(Plan plan) {
    return plan.setup() == null
        && !Boolean.TRUE.equals(plan.memory())
        && (plan.sourceId() != null
            || templates.isBuilt(plan.sandbox().org(), plan.sandbox().templateId()));
  }

  /** Claims once more for a row that is committed and whose workload never came to be. */
  Workload claimAgain(Sandbox sandbox) {
    return start(
        sandbox.org(),
        guarded(
            Plan.claim(sandbox, rows.env(sandbox).values(), Duration.ZERO).toBuilder()
                .addAllVolumes(rows.volumes(sandbox))
                .build(),
            sandbox),
        sandbox.sourceSandboxId(),
        rows.sourceSnapshot(sandbox),
        null);
  }

  private ClaimRequest guarded(ClaimRequest claim, Sandbox sandbox) {
    return claim.toBuilder().setGuard(guards.claim(sandbox)).build();
  }

  private Workload start(
      OrganizationId org,
      ClaimRequest claim,
      @Nullable String sourceId,
      @Nullable String snapshotId,
      @Nullable Boolean memory) {
    if (snapshotId != null) {
      ForkRequest request =
          ForkRequest.newBuilder()
              .setSourceId(snapshotId)
              .setClaim(claim)
              .setSnapshotMemory(Forks.memory(memory))
              .build();
      return snapshots.here(org, snapshotId, () -> node.snapshots().forkSnapshot(request));
    }
    return sourceId == null
        ? claimBuilt(org, claim)
        : node.workloads()
            .fork(
                ForkRequest.newBuilder()
                    .setSourceId(sourceId)
                    .setClaim(claim)
                    .setMemory(Boolean.TRUE.equals(memory))
                    .build());
  }

  /** The image that the template is now. */
  private ClaimRequest onImage(OrganizationId org, ClaimRequest claim) {
    return claim.toBuilder().setTemplateId(templates.onNode(org, claim.getTemplateId())).build();
  }

  /** A built-in template is built by its first claim: short builds are waited for. */
  private Workload claimBuilt(OrganizationId org, ClaimRequest claim) {
    long end = System.nanoTime() + BUILD_PATIENCE.toNanos();
    while (true) {
      try {
        return node.workloads().claim(onImage(org, claim));
      } catch (AtollException refused) {
        Duration left = Duration.ofNanos(end - System.nanoTime());
        boolean building = refused.code() == ErrorCode.TEMPLATE_BUILDING;
        if (building && claim.getNoColdStart()) {
          // Who will not wait for a machine is told the same of one that is to be built first.
          throw AtollException.withMessage(ErrorCode.NO_READY_MACHINE, refused.getMessage())
              .retryAfter(refused.retryAfterSeconds().orElse(1));
        }
        if (!building || left.isNegative()) {
          throw refused;
        }
        templates.awaitNews(left.compareTo(LOOK) < 0 ? left : LOOK);
      }
    }
  }

  private Workload claim(Plan plan, ClaimRequest request) {
    Workload workload =
        start(plan.sandbox().org(), request, plan.sourceId(), plan.snapshotId(), plan.memory());
    CrashPoint.CREATE_AFTER_CLAIM.reach();
    guards.claimed(plan.sandbox());
    String script = plan.setup();
    if (script != null) {
      setup.run(plan.sandbox().id(), script);
    }
    return workload;
  }

  private boolean committed(Plan plan, Runnable commit, FutureTask<Workload> claim) {
    try {
      commit.run();
      return true;
    } catch (UnknownOutcomeException unknown) {
      // When this look fails too, nothing is undone: the lease ends, the node asks, the row
      // answers.
      return rows.exists(plan.sandbox());
    } catch (RuntimeException | Error failed) {
      undoClaim(plan, claim);
      throw failed;
    }
  }

  private Workload claimedOrUndone(Plan plan, FutureTask<Workload> claim) {
    try {
      return requireClaimed(claim);
    } catch (RuntimeException refused) {
      rows.undo(plan.sandbox());
      // It may have come about although the answer was lost.
      destroyLater(plan.sandbox().id());
      throw refused;
    }
  }

  private void claimedOrDestroyed(String id, FutureTask<Workload> claim) {
    try {
      requireClaimed(claim);
    } catch (RuntimeException refused) {
      // Its setup may have failed after the claim: the machine need not wait for the lease to end.
      destroyLater(id);
      throw refused;
    }
  }

  private void undoClaim(Plan plan, FutureTask<Workload> claim) {
    String id = plan.sandbox().id();
    Thread.ofVirtual()
        .start(() -> {
          try {
            requireClaimed(claim);
            destroy(id);
          } catch (RuntimeException neverClaimed) {
            LOG.debug("Sandbox {} was neither stored nor claimed.", id, neverClaimed);
          }
        });
  }

  private void destroyLater(String id) {
    Thread.ofVirtual().start(() -> destroy(id));
  }

  private void destroy(String id) {
    try {
      node.workloads().destroy(WorkloadRef.newBuilder().setId(id).build());
    } catch (AtollException unreachable) {
      // Its lease ends, the node asks, and is told then.
      LOG.warn("Workload {} could not be destroyed now: {}", id, unreachable.getMessage());
    }
  }

  private static Workload requireClaimed(FutureTask<Workload> claim) {
    try {
      return claim.get();
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof RuntimeException refused) {
        throw refused;
      }
      throw new IllegalStateException(failed.getCause());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw AtollException.of(ErrorCode.NODE_UNAVAILABLE);
    }
  }
}
