package com.atoll.node.network;

/**
 * New connections of a proxied slot that do not go by the egress proxy, to one port of one address.
 *
 * @param slot index of the slot
 * @param address IPv4 address that was called
 * @param protocol {@code tcp} or {@code udp}
 * @param passage what the kernel did
 * @param count how many since the last time that the same was told
 */
public record Flow(
    int slot, String address, String protocol, int port, Passage passage, long count) {
  /** What the kernel did with a connection. */
  public enum Passage {
    /** Let through. */
    PASSED,
    /** Refused because of the slot's guard. */
    KEPT,
    /** Refused as it is for every slot: the address is closed to all. */
    BARRED
  }
}
