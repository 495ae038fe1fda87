package com.atoll.server.checks;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Which addresses the platform asks on behalf of a customer: public ones only. */
final class Addresses {
  private Addresses() {}

  /** An address of this host that may be asked; the one that was looked at is the one to dial. */
  static InetAddress require(String host) throws IOException {
    for (InetAddress address : InetAddress.getAllByName(host)) {
      if (isPublic(address)) {
        return address;
      }
    }
    throw new UnknownHostException(host + " has no public address");
  }

  static boolean isPublic(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    return address instanceof Inet6Address ? isPublic6(bytes) : isPublic4(bytes);
  }

  private static boolean isPublic4(byte[] bytes) {
    int a = bytes[0] & 0xff;
    int b = bytes[1] & 0xff;
    int c = bytes[2] & 0xff;
    boolean shared = a == 100 && b >= 64 && b < 128;
    boolean protocols = a == 192 && b == 0 && (c == 0 || c == 2);
    boolean documents = (a == 198 && b == 51 && c == 100) || (a == 203 && b == 0 && c == 113);
    boolean benchmarks = a == 198 && (b == 18 || b == 19);
    return a != 0 && a < 224 && !shared && !protocols && !documents && !benchmarks;
  }

  /** Global unicast, without the ranges that carry an IPv4 address inside. */
  private static boolean isPublic6(byte[] bytes) {
    boolean global = (bytes[0] & 0xe0) == 0x20;
    boolean sixToFour = bytes[0] == 0x20 && bytes[1] == 0x02;
    boolean teredo = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0 && bytes[3] == 0;
    boolean documents =
        bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0d && (bytes[3] & 0xff) == 0xb8;
    return global && !sixToFour && !teredo && !documents;
  }
}
