package com.atoll.node.network;

import java.net.Inet4Address;

/**
 * A place for one workload: its network namespace, address and user ids.
 *
 * @param index numbers the slot on this machine; every other component follows from it
 * @param netns path that a runtime opens to join the namespace. Valid while this process lives and
 *     the slot is taken; empty for a slot that was adopted after a restart (its workload is inside
 *     already). A workload that starts again takes a new slot
 * @param hostInterface host end of the veth pair; {@code eth0} is the other one
 * @param address of {@code eth0}, a /32
 * @param gateway next hop and resolver as seen inside
 * @param uidBase first of the 65,536 host user and group ids of the slot
 */
public record Slot(
    int index,
    String netns,
    String hostInterface,
    Inet4Address address,
    Inet4Address gateway,
    long uidBase) {
  /** Host ids that a slot owns, from {@link #uidBase()}. */
  public static final int UIDS = 65_536;
}
