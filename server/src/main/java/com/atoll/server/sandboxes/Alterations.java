package com.atoll.server.sandboxes;

import com.atoll.model.SandboxState;
import com.atoll.model.Shape;
import com.atoll.node.v1.UpdateRequest;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadState;
import com.atoll.server.machines.NodeClient;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Changes of sandboxes that their owners ask for, on the machine too where they concern it. */
final class Alterations {
  private final NodeClient node;
  private final Rows rows;
  private final Lifecycle lifecycle;
  private final Afterwork afterwork;
  private final ToldChanges told;

  Alterations(
      NodeClient node, Rows rows, Lifecycle lifecycle, Afterwork afterwork, ToldChanges told) {
    this.node = node;
    this.rows = rows;
    this.lifecycle = lifecycle;
    this.afterwork = afterwork;
    this.told = told;
  }

  /**
   * Gives a sandbox so many seconds from now, 0 for no end, unless it has more: what is left never
   * becomes less. One that is paused has its whole lifetime again when it is resumed, also one that
   * its machine paused at this very moment.
   */
  Sandbox extend(Sandbox sandbox, int seconds) {
    // What the machine said of its end may not be in the row yet, and the row decides.
    afterwork.settle();
    return said(hears ->
        rows.change(
            sandbox,
            null,
            now -> hasMore(now, seconds) ? Changes.NONE : Changes.lifetime(seconds),
            (_, _) -> hears.accept(tell(update(sandbox).setTimeoutMs(seconds * 1000L)))));
  }

  /**
   * The sandbox after a change of its times; its machine may have paused it at this very moment.
   *
   * @param change is given whoever is to hear how it is on its machine
   */
  private Sandbox said(Function<Consumer<Workload>, Sandbox> change) {
    AtomicBoolean paused = new AtomicBoolean();
    Sandbox changed = change.apply(now -> paused.set(now.getState() == WorkloadState.PAUSED));
    return paused.get() ? lifecycle.foundPaused(changed) : changed;
  }

  private static boolean hasMore(Sandbox now, int seconds) {
    Long left = now.remainingMs(Planner.now());
    boolean endless = left == null && now.state() == SandboxState.RUNNING;
    return now.alwaysOn() || endless || (left != null && seconds > 0 && left >= seconds * 1000L);
  }

  /** Changes what its owner says of it, and its times. */
  Sandbox change(Sandbox sandbox, Changes changes) {
    if (!changes.changeTimes()) {
      return rows.change(sandbox, null, changes::of, (_, _) -> {});
    }
    // What the machine said of its end may not be in the row yet, and the note keeps that.
    afterwork.settle();
    return said(hears ->
        rows.change(
            sandbox,
            told.ofTimes(sandbox),
            changes::of,
            (before, now) -> hears.accept(tellTimes(before, now))));
  }

  private Workload tellTimes(Sandbox before, Changes changes) {
    UpdateRequest.Builder update =
        update(before)
            .setLifetimeMs(changes.lifetimeOf(before) * 1000L)
            .setIdleTimeoutMs(changes.idleOf(before) * 1000L);
    Boolean persistent = changes.persistent();
    if (persistent != null) {
      update.setDestroyOnTimeout(!persistent);
    }
    Integer left = changes.lifetimeSec();
    if (left != null) {
      update.setTimeoutMs(left * 1000L);
    }
    return tell(update);
  }

  /**
   * Changes the size of a sandbox while it runs.
   *
   * @param wanted the new size of the one that it has now
   */
  Sandbox resize(Sandbox sandbox, UnaryOperator<Shape> wanted) {
    return rows.change(
        sandbox,
        null,
        now -> Changes.shape(wanted.apply(now.shape())),
        (_, changes) -> {
          Shape next = Objects.requireNonNull(changes.shape());
          var _ = tell(update(sandbox).setLimits(Plan.limits(next)));
        });
  }

  private static UpdateRequest.Builder update(Sandbox sandbox) {
    return UpdateRequest.newBuilder().setId(sandbox.id());
  }

  private Workload tell(UpdateRequest.Builder update) {
    return node.workloads().update(update.build());
  }
}
