package com.atoll.node.workloads;

import com.atoll.node.runtime.Machine;
import org.jspecify.annotations.Nullable;

/**
 * The processes of a workload: new at each start.
 *
 * @param machine id of container, control group and guest socket; empty when it has none
 * @param slot number of its network slot; -1 when it has none
 * @param address its IPv4 address; empty when it has none
 * @param pid process 1 of the container as the host counts; 0 when it has none
 * @param incarnation rises at each start
 * @param boot how it was started
 * @param bootMicros how long the claim or start took
 * @param asleep where its processes are on disk; null when they are not
 */
public record Place(
    String machine,
    int slot,
    String address,
    long pid,
    long incarnation,
    Boot boot,
    long bootMicros,
    @Nullable Asleep asleep) {

  /**
   * Processes that wait on disk.
   *
   * @param image the image of them
   * @param untilMs when they are given up, Unix milliseconds; 0 = never
   */
  public record Asleep(String image, long untilMs) {}

  /** Processes that run. */
  public Place(
      String machine,
      int slot,
      String address,
      long pid,
      long incarnation,
      Boot boot,
      long bootMicros) {
    this(machine, slot, address, pid, incarnation, boot, bootMicros, null);
  }

  static Place of(Machine machine, long incarnation, Boot boot, long bootMicros) {
    return new Place(
        machine.id(),
        machine.slot().index(),
        machine.slot().address().getHostAddress(),
        machine.pid(),
        incarnation,
        boot,
        bootMicros);
  }

  /** The same processes, thawed. */
  Place thawed(long micros) {
    return new Place(machine, slot, address, pid, incarnation, Boot.THAWED, micros);
  }

  /** No processes, same count. */
  Place vacated() {
    return asleep(null);
  }

  /** No processes but those on disk, same count. */
  Place asleep(@Nullable Asleep where) {
    return new Place("", -1, "", 0, incarnation, boot, bootMicros, where);
  }
}
