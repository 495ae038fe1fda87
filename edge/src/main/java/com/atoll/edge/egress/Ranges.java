package com.atoll.edge.egress;

import com.atoll.platform.Installation;
import com.atoll.platform.OwnAddresses;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The addresses that nobody's policy opens: this machine, its sandboxes, and denied ranges. */
final class Ranges {
  private record Range(int network, int mask) {
    static Range of(String cidr) {
      int slash = cidr.indexOf('/');
      int bits = slash < 0 ? 32 : Integer.parseInt(cidr.substring(slash + 1));
      int mask = bits == 0 ? 0 : -1 << (32 - bits);
      InetAddress address = InetAddress.ofLiteral(slash < 0 ? cidr : cidr.substring(0, slash));
      return new Range(number(address) & mask, mask);
    }

    boolean holds(int address) {
      return (address & mask) == network;
    }
  }

  /** Whether a host is an address in a range like {@code 192.0.2.0/24}. */
  static boolean isIn(String range, String host) {
    if (host.isEmpty() || !Character.isDigit(host.charAt(host.length() - 1))) {
      return false;
    }
    try {
      return InetAddress.ofLiteral(host) instanceof Inet4Address address
          && Range.of(range).holds(number(address));
    } catch (IllegalArgumentException name) {
      return false;
    }
  }

  private final List<Range> denied;
  private final List<Range> allowed;
  private final Range sandboxes;
  private final OwnAddresses own = new OwnAddresses();

  Ranges(Installation installation) {
    denied = installation.deniedRanges().stream().map(Range::of).toList();
    allowed = installation.allowedRanges().stream().map(Range::of).toList();
    sandboxes = Range.of(installation.addressPool());
  }

  /** Whether a sandbox may be connected to this address when its policy allows the name. */
  boolean admits(Inet4Address address) {
    int number = number(address);
    if (address.isLoopbackAddress()
        || address.isAnyLocalAddress()
        || address.isMulticastAddress()
        || address.isLinkLocalAddress()
        || sandboxes.holds(number)
        || own.test(address)) {
      return false;
    }
    return allowed.stream().anyMatch(range -> range.holds(number))
        || denied.stream().noneMatch(range -> range.holds(number));
  }

  private static int number(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == 4 ? ByteBuffer.wrap(bytes).getInt() : 0;
  }

  /** Those of these that are admitted, a few at most. */
  List<Inet4Address> admitted(List<Inet4Address> addresses) {
    List<Inet4Address> found = new ArrayList<>();
    for (Inet4Address address : addresses) {
      if (found.size() < 3 && admits(address)) {
        found.add(address);
      }
    }
    return found;
  }
}
