package com.atoll.node.instances;

/**
 * How long to wait before the next start: 0.2 s doubling to 10 s, from the start after a good run.
 */
final class Backoff {
  private static final long FIRST_MS = 200;
  private static final long MOST_MS = 10_000;
  private static final long GOOD_RUN_MS = 60_000;

  private long nextMs = FIRST_MS;

  /** The wait after a run of this length. */
  long after(long ranMs) {
    if (ranMs >= GOOD_RUN_MS) {
      nextMs = FIRST_MS;
    }
    long wait = nextMs;
    nextMs = Math.min(MOST_MS, nextMs * 2);
    return wait;
  }
}
