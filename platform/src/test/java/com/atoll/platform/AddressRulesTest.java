package com.atoll.platform;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class AddressRulesTest {
  private static InetAddress ip(String literal) {
    return InetAddress.ofLiteral(literal);
  }

  @Test
  void anAddressThatTheMachineGetsLaterIsItsOwnAtOnce() {
    Set<InetAddress> own = new HashSet<>();
    AddressRules rules = new AddressRules(List.of(), List.of("8.8.8.0/24"), own::contains);
    for (String address : List.of("9.9.9.9", "2a0e:4747::1")) {
      assertTrue(rules.allows(ip(address)), address);
      own.add(ip(address));
      assertFalse(rules.allows(ip(address)), address);
    }
    assertFalse(rules.allows(ip("64:ff9b::909:909")), "by NAT64");
    assertFalse(rules.allows(ip("2002:909:909::")), "by 6to4");
    own.add(ip("8.8.8.8"));
    assertTrue(rules.allows(ip("8.8.8.8")), "what the owner opened stays open");
  }

  @Test
  void everyAddressOfThisMachineIsItsOwn() throws Exception {
    OwnAddresses own = new OwnAddresses();
    for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
      for (InetAddress address : each.inetAddresses().toList()) {
        assertTrue(own.test(address), address::toString);
        assertTrue(own.test(InetAddress.getByAddress(address.getAddress())), "without its scope");
      }
    }
    assertFalse(own.test(ip("9.9.9.9")));
  }
}
