package com.atoll.server.outbound;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Where one attempt goes: the address that was checked, and what the receiver is told.
 *
 * @param tls whether the connection is encrypted
 * @param host the name in the URL, for the certificate and the Host header
 * @param port the port
 * @param address the checked address; no name is looked up after it
 * @param path path and query
 */
record Target(boolean tls, String host, int port, InetAddress address, String path) {
  InetSocketAddress socketAddress() {
    return new InetSocketAddress(address, port);
  }

  /** The Host header. */
  String authority() {
    return port == (tls ? 443 : 80) ? host : host + ":" + port;
  }

  /** Which connections may carry requests to it. */
  Key key() {
    return new Key(tls, host, port, address);
  }

  /** What a kept connection leads to. */
  record Key(boolean tls, String host, int port, InetAddress address) {}
}
