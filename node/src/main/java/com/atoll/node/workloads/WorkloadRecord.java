package com.atoll.node.workloads;

/**
 * Everything the node knows about a workload, as it lies on disk.
 *
 * @param id the caller's id
 * @param origin what it stands on: template, image and tree
 * @param terms what may change while it lives
 * @param place its processes
 * @param state where it stands
 * @param reason why it failed, or empty
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

  /**
   * What a workload stands on.
   *
   * @param templateId its template
   * @param imageDigest the image that its tree was made on
   * @param tree its own files
   */
  public record Origin(String templateId, String imageDigest, String tree) {}

  WorkloadRecord with(State next, String why) {
    if (!state.mayBecome(next)) {
      throw new IllegalStateException(id + ": " + state + " cannot become " + next);
    }
    Place kept = next.hasMachine() ? place : place.vacated();
    return new WorkloadRecord(
        id, origin, terms, kept, next, why, confirmed, leaseEndsMs, lastActivityMs);
  }

  WorkloadRecord with(Terms changed) {
    return new WorkloadRecord(
        id, origin, changed, place, state, reason, confirmed, leaseEndsMs, lastActivityMs);
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
