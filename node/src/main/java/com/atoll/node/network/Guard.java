package com.atoll.node.network;

import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel holds back of a slot's traffic beyond what it holds back of every slot's.
 *
 * @param proxied TCP 80 and 443 reach the egress proxy only, and UDP 443 nothing
 * @param closed every other port is refused; the resolver still answers
 * @param opened addresses and intervals of them that are reached although closed
 * @param shut addresses and intervals of them that are not reached
 * @param lenient TCP connections to 80 and 443 that were made before the slot was proxied go on
 */
public record Guard(
    boolean proxied, boolean closed, List<String> opened, List<String> shut, Boolean lenient) {
  private static final int MOST = 1_024;
  private static final Pattern INTERVAL =
      Pattern.compile("([0-9]{1,3}\\.){3}[0-9]{1,3}(-([0-9]{1,3}\\.){3}[0-9]{1,3})?");

  /** The direct path. */
  public static final Guard NONE = new Guard(false, false);

  /** Records of before ranges have none, and older ones do not say whether they are lenient. */
  public Guard(
      boolean proxied,
      boolean closed,
      @Nullable List<String> opened,
      @Nullable List<String> shut,
      @Nullable Boolean lenient) {
    this.proxied = proxied;
    this.closed = closed;
    this.opened = checked(opened);
    this.shut = checked(shut);
    this.lenient = Objects.requireNonNullElse(lenient, false);
  }

  /** One that ends what was open. */
  public Guard(boolean proxied, boolean closed, List<String> opened, List<String> shut) {
    this(proxied, closed, opened, shut, false);
  }

  /** Without ranges. */
  public Guard(boolean proxied, boolean closed) {
    this(proxied, closed, List.of(), List.of());
  }

  private static List<String> checked(@Nullable List<String> asked) {
    List<String> intervals = List.copyOf(Objects.requireNonNullElse(asked, List.of()));
    if (intervals.size() > MOST || !intervals.stream().allMatch(INTERVAL.asMatchPredicate())) {
      throw new IllegalArgumentException("a guard has at most " + MOST + " intervals of IPv4");
    }
    return intervals;
  }
}
