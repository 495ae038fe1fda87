package com.atoll.node.network;

/**
 * What the kernel holds back of a slot's traffic beyond what it holds back of every slot's.
 *
 * @param proxied TCP 80 and 443 reach the egress proxy only, and UDP 443 nothing
 * @param closed every other port is refused; the resolver still answers
 */
public record Guard(boolean proxied, boolean closed) {
  /** The direct path. */
  public static final Guard NONE = new Guard(false, false);
}
