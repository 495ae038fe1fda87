package com.atoll.node.workloads;

import com.atoll.node.devices.Device;
import com.atoll.node.network.Guard;
import com.atoll.node.runtime.Isolation;
import com.atoll.node.volumes.VolumeMount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

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
 * @param lifetimeMs how much time each resume gives it again; 0 = none
 * @param volumes the volumes that it has; none in records from before there were any
 * @param guard what of its traffic is held back; nothing in records from before there were any
 * @param isolation what stands between it and the kernel, as long as it lives; containers in
 *     records from before there was a choice
 * @param devices what of the host it has beside that, as long as it lives; none in records from
 *     before there were any
 */
public record Terms(
    String hostname,
    Shape shape,
    Map<String, String> env,
    List<Integer> exposedPorts,
    long timeoutAtMs,
    long idleTimeoutMs,
    boolean destroyOnTimeout,
    long lifetimeMs,
    List<VolumeMount> volumes,
    Guard guard,
    Isolation isolation,
    List<Device> devices) {

  /** Copies the list. */
  public Terms {
    isolation = isolation == null ? Isolation.CONTAINER : isolation;
    devices = devices == null ? List.of() : List.copyOf(devices);
    volumes = volumes == null ? List.of() : List.copyOf(volumes);
    guard = Objects.requireNonNullElse(guard, Guard.NONE);
  }

  /** Terms without volumes and guard, and without time that a resume gives. */
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
        0,
        List.of(),
        Guard.NONE,
        Isolation.CONTAINER,
        List.of());
  }

  /** Terms of a container. */
  public Terms(
      String hostname,
      Shape shape,
      Map<String, String> env,
      List<Integer> exposedPorts,
      long timeoutAtMs,
      long idleTimeoutMs,
      boolean destroyOnTimeout,
      long lifetimeMs,
      List<VolumeMount> volumes,
      Guard guard) {
    this(
        hostname,
        shape,
        env,
        exposedPorts,
        timeoutAtMs,
        idleTimeoutMs,
        destroyOnTimeout,
        lifetimeMs,
        volumes,
        guard,
        Isolation.CONTAINER,
        List.of());
  }

  /** What a machine of the pool has before it is claimed. */
  static Terms ofPool(Isolation isolation) {
    return new Terms("sandbox", Shape.ofPool(), Map.of(), List.of(), 0, 0, false).under(isolation);
  }

  /** The same under another isolation, for a workload that is to be made. */
  public Terms under(Isolation other) {
    return new Terms(
        hostname,
        shape,
        env,
        exposedPorts,
        timeoutAtMs,
        idleTimeoutMs,
        destroyOnTimeout,
        lifetimeMs,
        volumes,
        guard,
        other,
        devices);
  }

  /** At a resume: time that is over begins again, and what is left never becomes less. */
  Terms resumedAt(long nowMs) {
    if (timeoutAtMs == 0) {
      return this;
    }
    long again = lifetimeMs > 0 ? nowMs + lifetimeMs : 0;
    long next = timeoutAtMs > nowMs ? Math.max(timeoutAtMs, again) : again;
    return next == timeoutAtMs ? this : endingAt(next);
  }

  private Terms endingAt(long endMs) {
    return new Terms(
        hostname,
        shape,
        env,
        exposedPorts,
        endMs,
        idleTimeoutMs,
        destroyOnTimeout,
        lifetimeMs,
        volumes,
        guard,
        isolation,
        devices);
  }

  Terms having(VolumeMount more) {
    List<VolumeMount> all = new ArrayList<>(volumes);
    all.add(more);
    return having(all);
  }

  /** The same with these devices and what they say to commands, unless the caller says else. */
  Terms having(List<Device> more, Map<String, String> variables) {
    List<Device> all = new ArrayList<>(devices);
    all.addAll(more);
    Map<String, String> both = new TreeMap<>(variables);
    both.putAll(env);
    return new Terms(
        hostname,
        shape,
        both,
        exposedPorts,
        timeoutAtMs,
        idleTimeoutMs,
        destroyOnTimeout,
        lifetimeMs,
        volumes,
        guard,
        isolation,
        all);
  }

  Terms having(List<VolumeMount> all) {
    return new Terms(
        hostname,
        shape,
        env,
        exposedPorts,
        timeoutAtMs,
        idleTimeoutMs,
        destroyOnTimeout,
        lifetimeMs,
        all,
        guard,
        isolation,
        devices);
  }
}
