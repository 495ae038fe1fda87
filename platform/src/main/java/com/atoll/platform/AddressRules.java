package com.atoll.platform;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Which addresses deliveries may reach: public ones that are not this machine's. An IPv6 address
 * that carries an IPv4 one is judged by both.
 */
public final class AddressRules {
  private static final List<AddressRange> SPECIAL =
      Stream.of(
              // "This network", private, shared (carrier NAT), loopback, link-local with metadata.
              "0.0.0.0/8",
              "10.0.0.0/8",
              "100.64.0.0/10",
              "127.0.0.0/8",
              "169.254.0.0/16",
              "172.16.0.0/12",
              "192.0.0.0/24",
              "192.0.2.0/24",
              "192.31.196.0/24",
              "192.52.193.0/24",
              "192.88.99.0/24",
              "192.168.0.0/16",
              "192.175.48.0/24",
              "198.18.0.0/15",
              "198.51.100.0/24",
              "203.0.113.0/24",
              // Multicast, reserved, broadcast.
              "224.0.0.0/4",
              "240.0.0.0/4",
              // Inside 2000::/3: special uses, documentation.
              "2001::/23",
              "2001:db8::/32",
              "2620:4f:8000::/48",
              "3fff::/20")
          .map(AddressRange::of)
          .toList();

  private static final AddressRange GLOBAL = AddressRange.of("2000::/3");
  private static final AddressRange SIX_TO_FOUR = AddressRange.of("2002::/16");
  private static final AddressRange NAT64 = AddressRange.of("64:ff9b::/96");

  private final List<AddressRange> denied;
  private final List<AddressRange> allowed;
  private final Predicate<InetAddress> own;

  /**
   * Rules of an installation.
   *
   * @param denied ranges that are refused besides the special ones and this machine's addresses
   * @param allowed ranges that the owner opened
   */
  public AddressRules(List<String> denied, List<String> allowed) {
    this(denied, allowed, new OwnAddresses());
  }

  /**
   * The same on a machine that has these addresses.
   *
   * @param own tells which addresses are the machine's at the time
   */
  public AddressRules(List<String> denied, List<String> allowed, Predicate<InetAddress> own) {
    this.own = own;
    this.denied = denied.stream().map(AddressRange::of).toList();
    this.allowed = allowed.stream().map(AddressRange::of).toList();
  }

  /** Whether this address may be reached. */
  public boolean allows(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (in(allowed, bytes)) {
      return true;
    }
    if (in(SPECIAL, bytes) || in(denied, bytes) || own.test(address)) {
      return false;
    }
    return address instanceof Inet4Address || allowsSix(bytes);
  }

  private boolean allowsSix(byte[] bytes) {
    if (NAT64.contains(bytes)) {
      return allows(AddressRange.lastFour(bytes, 12));
    }
    if (SIX_TO_FOUR.contains(bytes)) {
      return allows(AddressRange.lastFour(bytes, 2));
    }
    // Loopback, unspecified, mapped, unique local, link-local and multicast lie outside of it.
    return GLOBAL.contains(bytes);
  }

  private static boolean in(List<AddressRange> ranges, byte[] address) {
    return ranges.stream().anyMatch(range -> range.contains(address));
  }
}
