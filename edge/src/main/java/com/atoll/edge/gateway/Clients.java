package com.atoll.edge.gateway;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of each client, so that one alone cannot keep all others out. Whoever has an
 * address of IPv6 has its whole network of 64 bits. This machine itself is not counted: a proxy in
 * front of the gateway speaks for everybody.
 */
final class Clients {
  private final int most;
  private final Map<Long, Integer> open = new ConcurrentHashMap<>();

  /** Lets each have so many connections. */
  Clients(int most) {
    this.most = most;
  }

  /** Counts one in, always; false when the client has too many. */
  boolean enter(@Nullable InetAddress client) {
    return client == null
        || client.isLoopbackAddress()
        || open.merge(network(client), 1, Integer::sum) <= most;
  }

  /** Counts one out that was counted in. */
  void leave(@Nullable InetAddress client) {
    if (client != null && !client.isLoopbackAddress()) {
      open.computeIfPresent(network(client), (network, count) -> count == 1 ? null : count - 1);
    }
  }

  private static long network(InetAddress client) {
    byte[] bytes = client.getAddress();
    long network = 0;
    for (int i = 0; i < (client instanceof Inet6Address ? 8 : 4); i++) {
      network = (network << 8) | (bytes[i] & 0xff);
    }
    return network;
  }
}
