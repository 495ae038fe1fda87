package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxId;
import com.atoll.model.SandboxState;
import com.atoll.node.v1.Limits;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.NodeEvent;
import com.atoll.node.v1.UpdateRequest;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.node.v1.WorkloadState;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeWatch;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes rows and machine agree. Whether a sandbox exists, the row says; whether it runs, the node
 * does.
 */
final class Reconciler implements NodeWatch.Listener {
  private static final Duration TOLERANCE = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

  /** Why the node has paused a workload that nobody used. */
  private static final String IDLE = "idle";

  private final NodeClient node;
  private final Rows rows;
  private final Directory directory;
  private final Creation creation;
  private final Lifecycle lifecycle;
  private final IdLocks locks;
  private final Guards guards;
  private final Afterwork afterwork;
  private final ToldChanges told;
  private final Contact contact;
  private final Starts starts;

  /** Ids that the last comparison missed on the node: only the second time counts. */
  private Set<String> missedBefore = Set.of();

  private final Set<String> pending = ConcurrentHashMap.newKeySet();

  Reconciler(
      NodeClient node,
      Rows rows,
      Directory directory,
      Creation creation,
      Lifecycle lifecycle,
      IdLocks locks,
      Guards guards,
      Afterwork afterwork,
      ToldChanges told,
      Contact contact,
      Starts starts) {
    this.starts = starts;
    this.told = told;
    this.contact = contact;
    this.guards = guards;
    this.afterwork = afterwork;
    this.node = node;
    this.rows = rows;
    this.directory = directory;
    this.creation = creation;
    this.lifecycle = lifecycle;
    this.locks = locks;
  }

  @Override
  public void onEvent(NodeEvent event) {
    switch (event.getWhatCase()) {
      case WORKLOAD_CHANGED -> changed(event.getWorkloadChanged());
      case WORKLOAD_DESTROYED -> look(event.getWorkloadDestroyed());
      case CLAIM_EXPIRED -> answer(event.getClaimExpired().getId());
      case INSTANCE_CHANGED,
          TEMPLATE_CHANGED,
          TEMPLATE_BUILD_CHANGED,
          FLOWS_SEEN,
          WHAT_NOT_SET -> {}
    }
  }

  /** What the node tells is asked for again only when it is news. */
  private void changed(Workload told) {
    if (creation.isUnderway(told.getId()) || afterwork.confirms(told.getId())) {
      return;
    }
    Optional<Sandbox> known = directory.byId(told.getId());
    if (known.isEmpty() || differs(known.get(), told)) {
      look(told.getId());
    }
  }

  /** Compares one sandbox soon; many events of one sandbox are one comparison. */
  private void look(String id) {
    if (isSandbox(id) && pending.add(id)) {
      Thread.ofVirtual()
          .start(() -> {
            pending.remove(id);
            compareOne(id);
          });
    }
  }

  private void compareOne(String id) {
    if (creation.isUnderway(id)) {
      return;
    }
    try (var _ = locks.lock(id)) {
      Optional<Sandbox> sandbox = directory.byId(id);
      if (sandbox.isPresent()) {
        Optional<Workload> workload = workload(id);
        if (workload.isEmpty() || differs(sandbox.get(), workload.get())) {
          compare(sandbox.get(), workload);
        }
      }
    } catch (RuntimeException failed) {
      LOG.debug("Sandbox {} was not compared; the next round does.", id, failed);
    }
  }

  /** The lease of a claim ended and nobody confirmed it: the row decides. */
  private void answer(String id) {
    if (!isSandbox(id) || creation.isUnderway(id)) {
      return;
    }
    Thread.ofVirtual()
        .start(() -> {
          try {
            if (rows.isLive(id)) {
              node.workloads().confirm(WorkloadRef.newBuilder().setId(id).build());
            } else {
              var _ = lifecycle.destroyOnNode(id);
            }
          } catch (RuntimeException failed) {
            LOG.debug("The node asked about {} and asks again.", id, failed);
          }
        });
  }

  @Override
  public void reconcile() {
    if (!directory.isLoaded()) {
      return;
    }
    told.settle();
    directory.askAgain();
    Map<String, Workload> onNode = new HashMap<>();
    for (Workload workload :
        node.workloads().list(ListRequest.getDefaultInstance()).getWorkloadsList()) {
      if (isSandbox(workload.getId())) {
        onNode.put(workload.getId(), workload);
        guards.seen(workload);
      }
    }
    Set<String> missed = new HashSet<>();
    boolean agreed = true;
    for (Sandbox sandbox : directory.all()) {
      Workload workload = onNode.remove(sandbox.id());
      if (creation.isUnderway(sandbox.id())) {
        continue;
      }
      if (workload == null) {
        missed.add(sandbox.id());
      }
      if (workload != null ? differs(sandbox, workload) : missedBefore.contains(sandbox.id())) {
        compareOne(sandbox.id());
      }
      boolean observed = workload != null && workload.getState() == WorkloadState.RUNNING;
      agreed &= observed || !runs(sandbox);
    }
    missedBefore = missed;
    if (agreed) {
      contact.agreed();
    }
    onNode.values().forEach(this::withoutRow);
    starts.settle(directory, creation);
  }

  /** Whether the row says by now that it runs on the machine, where it has been started once. */
  private boolean runs(Sandbox sandbox) {
    return directory
        .byId(sandbox.id())
        .filter(now -> now.state() == SandboxState.RUNNING && now.bootPath() != null)
        .isPresent();
  }

  private void withoutRow(Workload workload) {
    String id = workload.getId();
    // An unconfirmed claim has a lease: when that ends the node asks.
    if (!workload.getConfirmed() || creation.isUnderway(id)) {
      return;
    }
    Optional<Sandbox> live =
        rows.stored(id).filter(sandbox -> sandbox.state() != SandboxState.DESTROYED);
    if (live.isEmpty()) {
      LOG.info("Workload {} has no sandbox; it is destroyed.", id);
      lifecycle.destroyLeftover(id);
    } else if (directory.byId(id).isEmpty()) {
      LOG.info("Sandbox {} runs and was not known here; it is from now on.", id);
      directory.put(live.get());
      compareOne(id);
    }
  }

  private void compare(Sandbox sandbox, Optional<Workload> found) {
    if (found.isEmpty()) {
      missing(sandbox);
      return;
    }
    Workload workload = found.get();
    switch (workload.getState()) {
      case RUNNING -> {
        Sandbox running =
            rows.move(sandbox, SandboxState.RUNNING, "sandbox.resumed", null).orElse(sandbox);
        if (differs(running, workload)) {
          rows.started(running, workload);
        }
        if (!workload.getConfirmed()) {
          node.workloads().confirm(Lifecycle.ref(sandbox));
        }
        resize(sandbox, workload);
      }
      case PAUSED -> {
        lifecycle.ended(sandbox);
        if (workload.getReason().equals(IDLE)) {
          rows.idle(sandbox);
        } else {
          rows.move(sandbox, SandboxState.PAUSED, "sandbox.paused", null);
        }
        resize(sandbox, workload);
      }
      case FAILED -> {
        lifecycle.ended(sandbox);
        rows.move(sandbox, SandboxState.ERROR, "sandbox.error", workload.getReason());
      }
      case DESTROYED -> gone(sandbox);
      case WORKLOAD_STATE_UNSPECIFIED, UNRECOGNIZED -> {}
    }
  }

  /** A resize that was told to the node and never became true: nobody was answered. */
  private void resize(Sandbox sandbox, Workload workload) {
    if (!Plan.isSize(workload.getLimits(), sandbox.shape())) {
      // One that is under way holds the row, and has made it true when the row is free.
      rows.held(
          sandbox, now -> workload(now.id()).ifPresent(there -> giveSize(now, there.getLimits())));
    }
  }

  private void giveSize(Sandbox sandbox, Limits onNode) {
    if (!Plan.isSize(onNode, sandbox.shape())) {
      LOG.info("Sandbox {} has another size on its node; it gets its own again.", sandbox.id());
      node.workloads()
          .update(
              UpdateRequest.newBuilder()
                  .setId(sandbox.id())
                  .setLimits(Plan.limits(sandbox.shape()))
                  .build());
    }
  }

  private void missing(Sandbox sandbox) {
    if (sandbox.bootPath() == null && sandbox.state() == SandboxState.RUNNING) {
      // The row was committed, the claim never was: nothing can be lost yet.
      claimAgain(sandbox);
    } else if (!sandbox.persistent()) {
      gone(sandbox);
    } else {
      rows.move(sandbox, SandboxState.ERROR, "sandbox.error", "the machine lost it");
    }
  }

  private void claimAgain(Sandbox sandbox) {
    try {
      rows.started(sandbox, creation.claimAgain(sandbox));
    } catch (AtollException refused) {
      if (refused.code() != ErrorCode.NOT_FOUND) {
        throw refused;
      }
      String why = "what it was to begin with is gone";
      rows.move(sandbox, SandboxState.ERROR, "sandbox.error", why);
    }
  }

  private void gone(Sandbox sandbox) {
    lifecycle.ended(sandbox);
    rows.move(sandbox, SandboxState.DESTROYED, "sandbox.destroyed", "timeout");
    lifecycle.endOnNode(sandbox);
  }

  private Optional<Workload> workload(String id) {
    try {
      return Optional.of(node.workloads().get(WorkloadRef.newBuilder().setId(id).build()));
    } catch (AtollException refused) {
      if (refused.code() == ErrorCode.NOT_FOUND || refused.code() == ErrorCode.SANDBOX_NOT_FOUND) {
        return Optional.empty();
      }
      throw refused;
    }
  }

  private static boolean differs(Sandbox sandbox, Workload workload) {
    SandboxState state =
        switch (workload.getState()) {
          case RUNNING -> SandboxState.RUNNING;
          case PAUSED -> SandboxState.PAUSED;
          case FAILED -> SandboxState.ERROR;
          case DESTROYED -> SandboxState.DESTROYED;
          case WORKLOAD_STATE_UNSPECIFIED, UNRECOGNIZED -> sandbox.state();
        };
    return state != sandbox.state()
        || !workload.getConfirmed()
        || (hasSize(workload) && !Plan.isSize(workload.getLimits(), sandbox.shape()))
        || (workload.getState() == WorkloadState.RUNNING
            && (workload.getIncarnation() != sandbox.incarnation()
                || !Objects.equals(workload.getAddress(), sandbox.address())
                || endsElsewhen(sandbox, workload)));
  }

  private static boolean hasSize(Workload workload) {
    return workload.getState() == WorkloadState.RUNNING
        || workload.getState() == WorkloadState.PAUSED;
  }

  /** A machine whose clock and ours differ a little says the same. */
  private static boolean endsElsewhen(Sandbox sandbox, Workload workload) {
    OffsetDateTime known = sandbox.expiresAt();
    OffsetDateTime told = Rows.expiry(sandbox, workload);
    if (known == null || told == null) {
      return !Objects.equals(known, told);
    }
    return Duration.between(known, told).abs().compareTo(TOLERANCE) > 0;
  }

  private static boolean isSandbox(String id) {
    return id.startsWith(SandboxId.PREFIX + "_");
  }
}
