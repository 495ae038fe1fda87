package com.atoll.node.workloads;

import com.atoll.node.network.Guard;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What the caller asked for and may change while the workload lives.
 *
 * @param hostname its name inside
 * @param shape its limits
 * @param env variables of every command
 * @param exposedPorts ports that answer outside even when they listen on 127.0.0.1
 * @param timeoutAtMs when its time is over, Unix milliseconds; 0 = never
 * @param idleTimeoutMs how long it may be unused; 0 = for ever
 * @param destroyOnTimeout destroyed rather than paused at the end of either
 * @param guard what of its traffic is held back; null in records of older releases: nothing
 */
public record Terms(
    String hostname,
    Shape shape,
    Map<String, String> env,
    List<Integer> exposedPorts,
    long timeoutAtMs,
    long idleTimeoutMs,
    boolean destroyOnTimeout,
    Guard guard) {
  /** Terms of a record, which may be an older release's. */
  public Terms {
    guard = Objects.requireNonNullElse(guard, Guard.NONE);
  }

  /** Terms without a guard. */
  public Terms(
      String hostname,
      Shape shape,
      Map<String, String> env,
      List<Integer> exposedPorts,
      long timeoutAtMs,
      long idleTimeoutMs,
      boolean destroyOnTimeout) {
    this(
        hostname,
        shape,
        env,
        exposedPorts,
        timeoutAtMs,
        idleTimeoutMs,
        destroyOnTimeout,
        Guard.NONE);
  }

  Terms withoutTimeout() {
    return new Terms(hostname, shape, env, exposedPorts, 0, idleTimeoutMs, destroyOnTimeout, guard);
  }
}
