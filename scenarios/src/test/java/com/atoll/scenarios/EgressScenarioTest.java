package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What a sandbox with an egress policy reaches, and what it is told when it does not. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EgressScenarioTest {
  private final Given given = new Given();
  private Egress egress;

  @BeforeAll
  void start() {
    egress = new Egress(given);
  }

  @AfterAll
  void stop() {
    egress.close();
  }

  @Test
  void withoutAPolicyEverythingIsDirect() {
    try (Sandbox free = given.aSandbox().running()) {
      assertEquals("200", Egress.status(free, "http://shut.test/"));
      assertEquals("200", Egress.status(free, "https://shut.test/"));
      assertEquals("200", Egress.status(free, "http://" + Outside.ADDRESS + ":8080/"));
    }
  }

  @Test
  void anAllowedHostIsReachedAndNoOther() {
    assertTrue(
        egress.get("http://open.test/a?b=c").startsWith("outside GET /a?b=c host=open.test"));
    assertEquals("403", Egress.status(egress.sandbox(), "http://shut.test/"));
    assertEquals("403", Egress.status(egress.sandbox(), "http://sub.open.test/"));
    JsonNode error = Reply.JSON.readTree(egress.get("http://shut.test/x")).path("error");
    assertEquals("EGRESS_HOST_NOT_ALLOWED", error.path("code").asString());
    assertEquals("shut.test", error.path("host").asString());
    assertEquals(egress.policy(), error.path("policy_id").asString());
  }

  @Test
  void bodiesAndConnectionsArePassedOn() {
    egress.sandbox().run("head -c 3000000 /dev/zero > /tmp/big");
    assertTrue(egress.get("--data-binary @/tmp/big http://open.test/up").endsWith("body=3000000"));
    assertTrue(
        egress
            .get("-H 'Transfer-Encoding: chunked' --data-binary @/tmp/big http://open.test/up")
            .endsWith("body=3000000"));
    assertEquals("200", Egress.status(egress.sandbox(), "-I http://open.test/"));
    assertEquals(
        "200403200",
        egress
            .sandbox()
            .exec(
                "for u in open shut open; do echo \"url=http://$u.test/\"; done | "
                    + "curl -sk -m 8 -o /dev/null -o /dev/null -o /dev/null -w '%{http_code}' -K -")
            .stdout());
    // The refusal of a large request arrives although nobody wanted its body.
    assertEquals(
        "403",
        Egress.status(egress.sandbox(), "--data-binary @/tmp/big -H Expect: http://shut.test/"));
  }

  @Test
  void theNameDecidesAndTheAddressOpensNothing() {
    String address = "http://" + Outside.ADDRESS + "/";
    assertEquals("403", Egress.status(egress.sandbox(), address));
    assertEquals("403", Egress.status(egress.sandbox(), "-H 'Host: shut.test' " + address));
    // Whatever address it dialed, it gets the host that it named.
    String named = egress.get("-H 'Host: open.test' http://11.47.99.99/");
    assertTrue(named.startsWith("outside GET / host=open.test"), named);
    assertEquals("400", Egress.status(egress.sandbox(), "-H 'Host: open.test:8080' " + address));
    assertEquals(
        "400",
        egress.get(
            "-o /dev/null -w '%{http_connect}' -p -x http://open.test:80 https://shut.test/"));
    assertEquals(
        "400", Egress.status(egress.sandbox(), "-x http://open.test:80 http://shut.test/"));
    String two =
        egress
            .sandbox()
            .exec(
                "exec 3<>/dev/tcp/%s/80; printf 'GET / HTTP/1.1\\r\\nHost: open.test\\r\\nHost: shut.test\\r\\n\\r\\n' >&3; timeout 3 head -1 <&3"
                    .formatted(Outside.ADDRESS))
            .stdout();
    assertTrue(two.contains("400"), two);
  }

  @ParameterizedTest
  @ValueSource(strings = {"host.test", "private.test", "metadata.test"})
  void aNameThatLeadsInsideIsRefusedThoughItIsAllowed(String name) {
    String said = egress.get("http://" + name + "/");
    assertTrue(said.contains("EGRESS_ADDRESS_NOT_ALLOWED"), said);
    assertEquals("000", Egress.status(egress.sandbox(), "https://" + name + "/"));
  }

  @Test
  void tlsIsPassedOnByItsName() {
    assertTrue(egress.get("https://open.test/s").startsWith("outside GET /s host=open.test"));
    assertEquals("000", Egress.status(egress.sandbox(), "https://shut.test/"));
    assertEquals("000", Egress.status(egress.sandbox(), "https://" + Outside.ADDRESS + "/"));
    String foreign = "--connect-to ::" + Outside.ADDRESS + ": https://shut.test/";
    assertEquals("000", Egress.status(egress.sandbox(), foreign));
    assertTrue(
        egress.get("--connect-to ::11.47.99.99: https://open.test/").startsWith("outside GET"));
    assertEquals("000", Egress.status(egress.sandbox(), "http://open.test:443/"));
  }

  @Test
  void everyOtherWayOutIsClosed() {
    assertNotEquals("0", egress.sandbox().run(Egress.PORT.formatted(Outside.ADDRESS, 8080)));
    assertNotEquals("0", egress.sandbox().run(Egress.PORT.formatted(Outside.ADDRESS, 22)));
    assertNotEquals("0", egress.sandbox().run(Egress.PORT.formatted(Outside.ADDRESS, 853)));
    assertNotEquals(0, egress.sandbox().exec("curl -6 -sk -m 4 http://open.test/").exitCode());
    assertNotEquals(0, egress.sandbox().exec("ping -c 1 -W 2 " + Outside.ADDRESS).exitCode());
    // Whichever resolver is asked, it is this one, and names that nothing opens are not asked for.
    String program =
        """
        import socket,struct,sys
        q=b'\\x12\\x34\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00'
        for l in sys.argv[1].split('.'): q+=bytes([len(l)])+l.encode()
        q+=b'\\x00\\x00\\x01\\x00\\x01'
        s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.settimeout(4); s.sendto(q,(sys.argv[2],53))
        a=s.recv(2000); print('.'.join(map(str,a[-4:])))
        """;
    egress.sandbox().withFile("/tmp/ask.py", program);
    String gateway = egress.sandbox().run("awk '/^nameserver/{print $2; exit}' /etc/resolv.conf");
    assertEquals(gateway, egress.sandbox().run("python3 /tmp/ask.py shut.test 11.47.11.2"));
    assertEquals(
        gateway, egress.sandbox().run("python3 /tmp/ask.py secret.data.shut.test 8.8.8.8"));
    assertEquals(Outside.ADDRESS, egress.sandbox().run("python3 /tmp/ask.py open.test 8.8.8.8"));
    for (int port : new int[] {5311, 5312, 5313, 5314}) {
      assertNotEquals(
          "0", egress.sandbox().run(Egress.PORT.formatted(gateway, port)), "port " + port);
    }
  }

  @Test
  void whatIsClosedThereIsWrittenDownWithItsPort() {
    try (Sandbox brief = given.aSandbox().running()) {
      egress.lock(brief);
      assertNotEquals("0", brief.run(Egress.PORT.formatted(Outside.ADDRESS, 5432)));
      String of = "/egress/audit?action=deny&resource_id=" + brief.id();
      // Also of one that ends at once.
      given.api.delete("/sandboxes/" + brief.id());
      Given.eventually(
          10,
          "the refusal is written down",
          () -> {
            JsonNode call = given.api.get(of).expect(200).json().path("events").path(0);
            return call.path("host").asString("").equals(Outside.ADDRESS)
                && call.path("port").asInt() == 5432
                && call.path("protocol").asString().equals("tcp")
                && call.path("reason").asString().equals("EGRESS_HOST_NOT_ALLOWED");
          });
    }
  }

  @Test
  void aRedirectIsDecidedAnew() {
    assertEquals("403", Egress.status(egress.sandbox(), "-L http://open.test/to/shut.test"));
    assertEquals("200", Egress.status(egress.sandbox(), "-L http://open.test/to/open.test"));
  }

  @Test
  void methodAndPathNarrowAPermission() {
    assertEquals("200", Egress.status(egress.sandbox(), "http://part.test/v1/models"));
    assertEquals("403", Egress.status(egress.sandbox(), "http://part.test/v2/models"));
    assertEquals("403", Egress.status(egress.sandbox(), "-X POST http://part.test/v1/models"));
    assertEquals("403", Egress.status(egress.sandbox(), "--path-as-is http://part.test/v1/../v2"));
    assertEquals("403", Egress.status(egress.sandbox(), "http://part.test/v1/%2e%2e/v2"));
    refused("http://part.test/v2/models", "EGRESS_PATH_NOT_ALLOWED");
    refused("-X POST http://part.test/v1/models", "EGRESS_METHOD_NOT_ALLOWED");
    refused("http://else.test/v1/models", "EGRESS_HOST_NOT_ALLOWED");
    String calls = "/egress/audit?action=deny&host=part.test&resource_id=" + egress.sandbox().id();
    Given.eventually(
        10,
        "both reasons are written down",
        () ->
            given
                .api
                .get(calls)
                .expect(200)
                .json()
                .path("events")
                .valueStream()
                .map(call -> call.path("reason").asString(""))
                .toList()
                .containsAll(List.of("EGRESS_PATH_NOT_ALLOWED", "EGRESS_METHOD_NOT_ALLOWED")));
    String wishes = "/egress/audit/suggestions?since=1h&resource_id=" + egress.sandbox().id();
    assertTrue(
        given
            .api
            .get(wishes)
            .expect(200)
            .json()
            .path("suggestions")
            .valueStream()
            .anyMatch(one -> one.path("host").asString().equals("part.test")));
  }

  private void refused(String arguments, String code) {
    String said = egress.get(arguments);
    JsonNode error = Reply.JSON.readTree(said).path("error");
    assertEquals(code, error.path("code").asString(), said);
  }

  @Test
  void aDenialHoldsForEverySpelling() {
    try (Sandbox one = given.aSandbox().running()) {
      egress.rule(one, "deny", "open.test", Map.of("path_glob", "/admin/**"));
      egress.rule(one, "deny", "open.test", Map.of("path_glob", "/admin"));
      egress.rule(one, "deny", "open.test", Map.of("methods", new String[] {"DELETE"}));
      assertEquals("200", Egress.status(one, "http://open.test/users"));
      for (String path :
          List.of("/admin/a", "/%61dmin/a", "/x/%2e%2e/admin", "//admin", "/admin;x")) {
        assertEquals("403", Egress.status(one, "--path-as-is http://open.test" + path), path);
      }
      String fragment = "--request-target '/admin#x' http://open.test/";
      assertEquals("400", Egress.status(one, fragment));
      assertEquals("403", Egress.status(one, "-X delete http://open.test/users"));
      String why = one.exec("curl -s -m 8 http://open.test/admin").stdout();
      assertTrue(why.contains("EGRESS_DENIED_BY_RULE") && why.contains("rule_id"), why);
    }
  }

  @Test
  void aConnectionSwitchesToWebSocketAloneAndOnlyWhenThatIsWhatTheHostSays() {
    String wish = "-H 'Connection: Upgrade, HTTP2-Settings' -H 'HTTP2-Settings: AAMAAABk' ";
    String webSocket = "-H 'Upgrade: websocket' ";
    String both = wish + webSocket + "-H 'Upgrade: h2c' ";
    String seen = "-D - -o /dev/null http://open.test/";
    assertTrue(egress.get(both + seen).contains("Wishes: null"));
    assertTrue(egress.get(wish + webSocket + seen).contains("Wishes: [websocket]"));
    for (String arguments : List.of(both, wish + webSocket, "")) {
      String said = egress.get(arguments + "http://open.test/switch/h2c");
      assertTrue(said.contains("EGRESS_PROTOCOL_NOT_ALLOWED"), said);
    }
    String unasked = egress.get(both + "http://open.test/switch/websocket");
    assertTrue(unasked.contains("EGRESS_PROTOCOL_NOT_ALLOWED"), unasked);
    String granted =
        egress.get("--http1.1 -m 2 -D - " + wish + webSocket + "http://open.test/switch/websocket");
    assertTrue(granted.startsWith("HTTP/1.1 101"), granted);
  }

  @Test
  void tlsIsOpenedOnlyWhereARuleNeedsMoreThanTheName() {
    // Nobody trusts the server outside: the proxy is as careful as any client.
    String said = egress.sandbox().exec("curl -s -m 8 https://part.test/v1/models").stdout();
    assertTrue(said.contains("EGRESS_CERTIFICATE_NOT_TRUSTED"), said);
    String refused = egress.sandbox().exec("curl -s -m 8 https://part.test/v2/models").stdout();
    assertTrue(refused.contains("EGRESS_PATH_NOT_ALLOWED"), refused);
    // The egress.sandbox() trusts the proxy where it opens, and sees the server's own certificate
    // elsewhere.
    String issuer = "curl -skv -m 8 https://%s/ 2>&1 | grep -i 'issuer:'";
    assertTrue(egress.sandbox().run(issuer.formatted("part.test")).contains("Atoll"));
    assertTrue(egress.sandbox().run(issuer.formatted("open.test")).contains("outside"));
    // Another host's name inside is another call.
    String fronted =
        egress.sandbox().exec("curl -s -m 8 -H 'Host: shut.test' https://part.test/v1/x").stdout();
    assertTrue(fronted.contains("EGRESS_HOST_MISMATCH"), fronted);
  }
}
