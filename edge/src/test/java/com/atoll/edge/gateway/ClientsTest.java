package com.atoll.edge.gateway;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class ClientsTest {
  private final Clients clients = new Clients(2);

  private boolean enter(String address) {
    return clients.enter(InetAddress.ofLiteral(address));
  }

  @Test
  void oneClientHasItsShareAndNoMore() {
    assertTrue(enter("203.0.113.1"));
    assertTrue(enter("203.0.113.1"));
    assertFalse(enter("203.0.113.1"));
    assertTrue(enter("203.0.113.2"));
    clients.leave(InetAddress.ofLiteral("203.0.113.1"));
    clients.leave(InetAddress.ofLiteral("203.0.113.1"));
    assertTrue(enter("203.0.113.1"));
  }

  @Test
  void aNetworkOfIpv6IsOneClient() {
    assertTrue(enter("2001:db8::1") && enter("2001:db8::ffff:2"));
    assertFalse(enter("2001:db8:0:0:1::3"));
    assertTrue(enter("2001:db8:0:1::1"));
  }

  @Test
  void thisMachineIsNotCounted() {
    for (int i = 0; i < 10; i++) {
      assertTrue(enter("127.0.0.1") && enter("::1") && clients.enter(null));
    }
  }
}
