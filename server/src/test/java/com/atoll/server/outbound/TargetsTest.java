package com.atoll.server.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import com.atoll.platform.AddressRules;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetsTest {
  private static final AddressRules RULES = new AddressRules(List.of("8.8.4.0/24"), List.of());

  private static InetAddress ip(String literal) {
    return InetAddress.ofLiteral(literal);
  }

  private static Targets resolving(String... addresses) {
    return new Targets(
        false, RULES, host -> List.of(addresses).stream().map(TargetsTest::ip).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.8.9.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "255.255.255.255",
        "8.8.4.4",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:a9fe:a9fe",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "100::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1"
      })
  void addressesThatAreNotPublicAreRefused(String address) {
    assertTrue(!RULES.allows(ip(address)), address);
    assertThrows(
        RefusedException.class, () -> resolving(address).resolve("https://a.example/hook"));
    String literal = address.contains(":") ? "[" + address + "]" : address;
    assertThrows(
        AtollException.class, () -> resolving("1.1.1.1").check("https://" + literal + "/hook"));
    assertThrows(
        RefusedException.class, () -> resolving("1.1.1.1").resolve("https://" + literal + "/"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "8.8.8.8",
        "100.128.0.1",
        "172.32.0.1",
        "2606:4700::1111",
        "64:ff9b::101:101"
      })
  void publicAddressesAreReached(String address) throws Exception {
    Target target = resolving(address).resolve("https://a.example:8443/hook?x=1");
    assertEquals(ip(address), target.address());
    assertEquals("a.example:8443", target.authority());
    assertEquals("/hook?x=1", target.path());
  }

  @Test
  void oneAddressThatIsNotPublicSpoilsTheHost() {
    assertThrows(
        RefusedException.class,
        () -> resolving("1.1.1.1", "127.0.0.1").resolve("https://a.example/"));
  }

  /**
   * What a name says the second time does not matter: it is asked once, and the address is dialed.
   */
  @Test
  void aNameThatChangesItsMindIsAskedOnceForEachAttempt() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Targets rebinding =
        new Targets(
            false,
            RULES,
            host -> List.of(ip(asked.getAndIncrement() % 2 == 0 ? "1.1.1.1" : "127.0.0.1")));
    Target target = rebinding.resolve("https://rebind.example/");
    assertEquals(1, asked.get());
    assertEquals(ip("1.1.1.1"), target.socketAddress().getAddress());
    assertTrue(!target.socketAddress().isUnresolved());
    assertEquals(ip("1.1.1.1"), target.key().address());
    assertThrows(RefusedException.class, () -> rebinding.resolve("https://rebind.example/"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hook",
        "/hook",
        "ftp://a.example/",
        "http://a.example/",
        "https://",
        "https:///hook",
        "https://user:pass@a.example/",
        "https://user@a.example/",
        "https://a.example/#part",
        "https://a.example:0/",
        "https://a.example:65536/",
        "https://a.example/ hook",
        "https://a.example/\r\nX: y",
        "https://localhost/",
        "https://api.localhost/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://[::1]/",
        "https://b\u00fccher.example/"
      })
  void urlsThatCannotBeDeliveredToAreRefused(String url) {
    assertThrows(AtollException.class, () -> resolving("1.1.1.1").check(url));
  }

  @Test
  void aNameWithoutAddressIsRefused() {
    Targets none =
        new Targets(
            false,
            RULES,
            host -> {
              throw new UnknownHostException(host);
            });
    assertThrows(RefusedException.class, () -> none.resolve("https://none.example/"));
  }

  @Test
  void theOwnerMayOpenARangeAndPlainHttp() throws Exception {
    AddressRules open = new AddressRules(List.of(), List.of("127.0.0.0/8"));
    Targets targets = new Targets(true, open, host -> List.of(ip("127.0.0.1")));
    assertEquals("http://127.0.0.1:99/", targets.check("http://127.0.0.1:99/"));
    assertEquals(80, targets.resolve("http://a.example").port());
    assertThrows(AtollException.class, () -> targets.check("http://10.0.0.1/"));
  }
}
