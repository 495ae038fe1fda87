package com.atoll.node.workloads;

import com.atoll.node.runtime.Machine;

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
 */
public record Place(
    String machine,
    int slot,
    String address,
    long pid,
    long incarnation,
    Boot boot,
    long bootMicros) {

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
    return new Place("", -1, "", 0, incarnation, boot, bootMicros);
  }
}
