package com.atoll.node.workloads;

import org.jspecify.annotations.Nullable;

/**
 * Everything the node knows about a workload, as it lies on disk.
 *
 * @param id the caller's id
 * @param origin what it stands on: template, image and tree
 * @param terms what may change while it lives
 * @param place its processes
 * @param state where it stands
 * @param reason why it failed; {@link #IDLE} for a pause because nobody used it; {@link #LOST}; or
 *     empty
 * @param confirmed whether its lease has ended well
 * @param leaseEndsMs when an unconfirmed claim is frozen
 * @param lastActivityMs when it was last used, as of the last write
 */
public record WorkloadRecord(
    String id,
    Origin origin,
    Terms terms,
    Place place,
    State state,
    String reason,
    boolean confirmed,
    long leaseEndsMs,
    long lastActivityMs) {
  /** Why a workload is paused that nobody used for its idle time-out. */
  static final String IDLE = "idle";

  /** Why a workload is stopped that ran and that nobody paused: its processes have ended. */
  static final String LOST = "lost";

  /**
   * What a workload stands on.
   *
   * @param templateId its template
   * @param imageDigest the image that its tree was made on
   * @param tree its own files
   * @param inheritedBytes what the tree holds that earlier trees of its line wrote; null for none
   */
  public record Origin(
      String templateId, String imageDigest, String tree, @Nullable Long inheritedBytes) {
    /** One whose tree begins empty. */
    public Origin(String templateId, String imageDigest, String tree) {
      this(templateId, imageDigest, tree, null);
    }

    /** Another tree that begins with what this one holds. */
    Origin continuedBy(String next, long bytes) {
      return new Origin(templateId, imageDigest, next, bytes);
    }

    /** Bytes on disk that its tree does not account for itself. */
    long inherited() {
      return inheritedBytes == null ? 0 : inheritedBytes;
    }
  }

  WorkloadRecord with(State next, String why) {
    if (!state.mayBecome(next)) {
      throw new IllegalStateException(id + ": " + state + " cannot become " + next);
    }
    Place kept = next.hasMachine() ? place : place.vacated();
    return new WorkloadRecord(
        id, origin, terms, kept, next, why, confirmed, leaseEndsMs, lastActivityMs);
  }

  /** Stopped because its processes have ended; one that was paused is paused as before. */
  WorkloadRecord withoutProcesses() {
    return with(State.STOPPED, state == State.RUNNING ? LOST : reason);
  }

  /** Whether it is stopped and nobody asked for that. */
  boolean hasLostItsProcesses() {
    return state == State.STOPPED && reason.equals(LOST);
  }

  /** Stopped, with its processes on disk; null when they are given up. */
  WorkloadRecord asleep(Place.@Nullable Asleep where) {
    return asleep(where, state == State.STOPPED ? reason : "");
  }

  /** The same, for this reason. */
  WorkloadRecord asleep(Place.@Nullable Asleep where, String why) {
    return new WorkloadRecord(
        id,
        origin,
        terms,
        place.asleep(where),
        State.STOPPED,
        why,
        confirmed,
        leaseEndsMs,
        lastActivityMs);
  }

  WorkloadRecord with(Terms changed) {
    return new WorkloadRecord(
        id, origin, changed, place, state, reason, confirmed, leaseEndsMs, lastActivityMs);
  }

  WorkloadRecord with(Place changed) {
    return new WorkloadRecord(
        id, origin, terms, changed, state, reason, confirmed, leaseEndsMs, lastActivityMs);
  }

  WorkloadRecord startedAt(Place started) {
    return new WorkloadRecord(
        id, origin, terms, started, State.RUNNING, "", confirmed, leaseEndsMs, lastActivityMs);
  }

  WorkloadRecord confirmedNow() {
    return new WorkloadRecord(
        id, origin, terms, place, state, reason, true, leaseEndsMs, lastActivityMs);
  }

  WorkloadRecord leasedUntil(long endsMs) {
    return new WorkloadRecord(
        id, origin, terms, place, state, reason, false, endsMs, lastActivityMs);
  }

  WorkloadRecord usedAt(long activityMs) {
    return new WorkloadRecord(
        id, origin, terms, place, state, reason, confirmed, leaseEndsMs, activityMs);
  }
}
