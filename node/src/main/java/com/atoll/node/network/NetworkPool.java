package com.atoll.node.network;

/**
 * The slots of this machine. Prepared ones wait in a pool that is refilled in the background. A
 * slot is blocked until {@link #unblock}: nothing enters or leaves it. Unblocked, it reaches the
 * internet (masqueraded), the allowed ranges and the resolver at its gateway; not the host, not
 * another slot, not a denied range. Root and the edge's user on this host may connect to it; nobody
 * else may.
 *
 * <p>A slot that was given back is destroyed, and its address rests before it is used again.
 */
public interface NetworkPool extends AutoCloseable {
  /**
   * Bytes since the slot was taken.
   *
   * @param receivedBytes into the workload
   * @param sentBytes out of the workload
   */
  record Traffic(long receivedBytes, long sentBytes) {}

  /** A fresh slot, blocked. {@link NetworkException} when the address pool is exhausted. */
  Slot take();

  /**
   * Ends the slot: no packet passes any more when this returns, the rest follows in the background.
   * Its workload must be dead. Giving twice is harmless.
   */
  void give(Slot slot);

  /** A slot in use, by its index: also one that lives on from before a restart. */
  Slot slot(int index);

  /** Lets packets in and out. */
  void unblock(Slot slot);

  /**
   * Holds back what the guard says, in force when this returns, also of established connections. A
   * fresh slot has none.
   */
  void guard(Slot slot, Guard guard);

  /** Drops every packet in and out, also of established connections. */
  void block(Slot slot);

  /**
   * Tells from now on, within a second or two, of new connections that proxied slots make past the
   * egress proxy: what is not TCP to port 80 or 443, nor a question to the resolver.
   */
  void follow(FlowListener listener);

  /** The byte counters; zeros when the slot is gone. */
  Traffic traffic(Slot slot);

  /**
   * Ends the pool. Taken slots and the firewall stay as they are, for the next start; with {@code
   * down} everything that this installation has in the network is removed.
   */
  void close(boolean down);

  /** As {@code close(false)}. */
  @Override
  default void close() {
    close(false);
  }
}
