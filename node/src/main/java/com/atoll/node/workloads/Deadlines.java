package com.atoll.node.workloads;

/** What time alone does to a workload. A pure rule: nothing here acts. */
public final class Deadlines {
  /** How long the memory of a frozen workload is kept when nobody says how long. */
  public static final long KEEP_FROZEN_MS = 10 * 60 * 1000;

  /** How often an expired claim is asked about. */
  static final long ASK_EVERY_MS = 5_000;

  private Deadlines() {}

  /** What is due. */
  enum Due {
    NOTHING,
    FREEZE_CLAIM,
    ASK_ABOUT_CLAIM,
    PAUSE,
    PAUSE_IDLE,
    STOP,
    FORGET,
    DESTROY
  }

  /**
   * Whether a workload that is frozen is to give its memory back: it is stopped, and its files
   * stay.
   *
   * @param scarce whether the machine needs the memory
   */
  static boolean hasFrozenLongEnough(
      long nowMs, WorkloadRecord record, long frozenAtMs, long keepMs, boolean scarce) {
    return record.state() == State.FROZEN
        && record.confirmed()
        && (scarce || nowMs - frozenAtMs >= keepMs);
  }

  /**
   * What is due now.
   *
   * @param lastActivityMs when it was last used
   * @param uses how many calls use it now
   * @param askedAtMs when its expired claim was last asked about
   */
  static Due at(long nowMs, WorkloadRecord record, long lastActivityMs, int uses, long askedAtMs) {
    if (record.state() == State.DESTROYING) {
      return Due.NOTHING;
    }
    if (!record.confirmed()) {
      if (nowMs < record.leaseEndsMs()) {
        return Due.NOTHING;
      }
      if (record.state() == State.RUNNING) {
        return Due.FREEZE_CLAIM;
      }
      return nowMs - askedAtMs >= ASK_EVERY_MS ? Due.ASK_ABOUT_CLAIM : Due.NOTHING;
    }
    Terms terms = record.terms();
    boolean timedOut = terms.timeoutAtMs() > 0 && nowMs >= terms.timeoutAtMs();
    boolean idle =
        record.state() == State.RUNNING
            && terms.idleTimeoutMs() > 0
            && uses == 0
            && nowMs - lastActivityMs >= terms.idleTimeoutMs();
    Place.Asleep asleep = record.place().asleep();
    boolean slept = asleep != null && asleep.untilMs() > 0 && nowMs >= asleep.untilMs();
    if (!timedOut && !idle) {
      return slept ? Due.FORGET : Due.NOTHING;
    }
    if (record.state() == State.RUNNING) {
      return terms.destroyOnTimeout() ? Due.DESTROY : timedOut ? Due.PAUSE : Due.PAUSE_IDLE;
    }
    // Time is of running: whoever paused it finds its files, and a resume gives it its time again.
    boolean ended = record.state() == State.FAILED || record.hasLostItsProcesses();
    if (timedOut && ended && terms.destroyOnTimeout()) {
      return Due.DESTROY;
    }
    return slept ? Due.FORGET : Due.NOTHING;
  }
}
