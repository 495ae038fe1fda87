package com.atoll.edge.tls;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Addresses written out. */
final class IpLiteral {
  private IpLiteral() {}

  /** The bytes of an address, or null when the text is a name. No look-up is made. */
  static byte @Nullable [] bytes(String text) {
    try {
      return InetAddress.ofLiteral(text).getAddress();
    } catch (IllegalArgumentException name) {
      return null;
    }
  }
}
