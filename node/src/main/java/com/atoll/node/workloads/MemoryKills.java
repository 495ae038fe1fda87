package com.atoll.node.workloads;

/**
 * How many processes of a machine the host's kernel had killed for lack of memory at some moment.
 *
 * @param machine its id
 */
public record MemoryKills(String machine, long count) {
  /** None of any machine. */
  public static final MemoryKills NONE = new MemoryKills("", 0);

  /** Whether there were more since an earlier moment, which another machine began without any. */
  public boolean exceed(MemoryKills earlier) {
    return count > (earlier.machine.equals(machine) ? earlier.count : 0);
  }
}
