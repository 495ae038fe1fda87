package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A policy that only watches refuses nothing that a sandbox without one could do. */
@Tag("fast")
@Tag("all")
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EgressAuditOnlyScenarioTest {
  private static final String MALFORMED = "EGRESS_MALFORMED_REQUEST";

  private final Given given = new Given();
  private Egress egress;
  private Sandbox watched;
  private String policy;

  @BeforeAll
  void start() {
    egress = new Egress(given);
    watched = given.aSandbox().running();
    policy = egress.lock(watched);
    mode("audit_only");
  }

  @AfterAll
  void stop() {
    watched.close();
    egress.close();
  }

  private void mode(String mode) {
    given
        .api
        .json("PATCH", "/egress/policies/" + policy, Map.of("mode", mode), Map.of())
        .expect(200);
  }

  /** Says this to an address, and what came back, up to so many lines. */
  private String say(String address, int port, String what, int lines) {
    return watched
        .exec(
            "exec 3<>/dev/tcp/%s/%d; printf '%s' >&3; timeout 8 head -%d <&3"
                .formatted(address, port, what, lines))
        .stdout()
        .strip();
  }

  private void observed(String host, String protocol, String reason) {
    String path =
        "/egress/audit?action=would_deny&limit=1000&resource_id=" + watched.id() + "&host=" + host;
    Given.eventually(
        10,
        "it is written down: " + host + " " + reason,
        () ->
            given
                .api
                .get(path)
                .expect(200)
                .json()
                .path("events")
                .valueStream()
                .anyMatch(call ->
                    call.path("effect").asString().equals("deny")
                        && call.path("protocol").asString().equals(protocol)
                        && call.path("reason").asString().equals(reason)),
        () -> given.api.get("/egress/audit?resource_id=" + watched.id()).text());
  }

  @Test
  void whatIsNotTlsGoesWhereItWasSent() {
    assertEquals("220 raw\nraw hello", say(Outside.RAW, 443, "hello\\n", 2));
    observed(Outside.RAW, "tcp", "EGRESS_NOT_TLS");
  }

  @Test
  void aDatabaseOnItsOwnPortIsWrittenDownAndCanBeOpenedBeforeTheLock() {
    String attempt = Egress.PORT.formatted(Outside.RAW, 5432);
    watched.run(attempt);
    observed(Outside.RAW, "tcp", "EGRESS_HOST_NOT_ALLOWED");
    assertTrue(
        given
            .api
            .get("/egress/audit/suggestions?resource_id=" + watched.id())
            .expect(200)
            .json()
            .path("data")
            .valueStream()
            .anyMatch(one -> one.path("host").asString().equals(Outside.RAW)));
    String rule = egress.rule(watched, "allow", Outside.RAW, Map.of());
    watched.run(attempt);
    Given.eventually(
        10,
        "the rule that opens it is named",
        () -> last("allow").path("rule_id").asString("").equals(rule));
    assertEquals(5432, last("allow").path("port").asInt());
    given.api.delete("/egress/allowlist/" + rule);
  }

  /** The last call with this action to the server whose bytes are not HTTP. */
  private JsonNode last(String action) {
    return given
        .api
        .get(
            "/egress/audit?limit=1&resource_id=%s&host=%s&action=%s"
                .formatted(watched.id(), Outside.RAW, action))
        .expect(200)
        .json()
        .path("events")
        .path(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {80, 443})
  void whoWaitsForTheOtherSideHearsIt(int port) {
    assertEquals("220 raw", say(Outside.RAW, port, "", 1));
    observed(Outside.RAW, "tcp", port == 443 ? "EGRESS_NOT_TLS" : MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CONNECT shut.test:443 HTTP/1.1\\r\\nHost: shut.test:443\\r\\n\\r\\n",
        "PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n",
        "GET /old HTTP/1.0\\r\\n\\r\\n",
        "GET / HTTP/1.1\\r\\nHost: a.test\\r\\nHost: b.test\\r\\n\\r\\n",
        "what is this\\n",
      })
  void whatIsNoPlainRequestGoesWhereItWasSent(String what) {
    String first = what.substring(0, what.indexOf('\\'));
    assertEquals("220 raw\nraw " + first, say(Outside.RAW, 80, what, 2));
    observed(Outside.RAW, "tcp", MALFORMED);
  }

  @Test
  void soDoesALaterRequestOfAConnectionThatCanBePassedOn() {
    String said =
        say(
            Outside.ADDRESS,
            80,
            "GET /one HTTP/1.1\\r\\nHost: open.test\\r\\n\\r\\n"
                + "GET /two HTTP/1.1\\r\\nHost: open.test:8080\\r\\nConnection:"
                + " close\\r\\n\\r\\n",
            99);
    assertTrue(said.contains("GET /one host=open.test "), said);
    assertTrue(said.contains("GET /two host=open.test:8080 "), said);
    observed(Outside.ADDRESS, "http", MALFORMED);
    // What no server could be sent any more is refused, and the docs say so.
    String garbage =
        say(
            Outside.ADDRESS,
            80,
            "GET /one HTTP/1.1\\r\\nHost: open.test\\r\\n\\r\\nwhat is this\\r\\n\\r\\n",
            99);
    assertTrue(garbage.contains("GET /one") && garbage.contains(MALFORMED), garbage);
  }

  @Test
  void soDoesWhatSwitchesToAnotherProtocol() {
    String said =
        say(
            Outside.ADDRESS,
            80,
            "GET /switch/other HTTP/1.1\\r\\nHost: open.test\\r\\nConnection:"
                + " Upgrade\\r\\nUpgrade: other\\r\\n\\r\\n",
            1);
    assertTrue(said.contains(" 101"), said);
    observed("open.test", "http", "EGRESS_PROTOCOL_NOT_ALLOWED");
  }

  @Test
  void anotherHostInsideOfTlsThatIsLookedIntoIsPassedOn() {
    String rule =
        egress.rule(
            watched, "allow", Outside.PROVEN, Map.of("methods", new String[] {"GET", "HEAD"}));
    String said =
        watched
            .exec("curl -sk -m 8 -H 'Host: other.test' https://" + Outside.PROVEN + "/")
            .stdout();
    assertTrue(said.startsWith("outside GET / host=other.test"), said);
    observed("other.test", "https", "EGRESS_HOST_MISMATCH");
    given.api.delete("/egress/allowlist/" + rule).expect(204);
  }

  @Test
  void whatIsClosedToEverySandboxStaysClosed() {
    assertEquals("", say("10.0.0.1", 443, "hello\\n", 1));
    String path = "/egress/audit?host=10.0.0.1&resource_id=" + watched.id();
    Given.eventually(
        10,
        "it is written down",
        () -> {
          JsonNode call = given.api.get(path).expect(200).json().path("events").path(0);
          return call.path("reason").asString("").equals("EGRESS_ADDRESS_NOT_ALLOWED")
              && call.path("action").asString().equals("deny");
        });
  }

  @Test
  void whatWasPassedOnEndsWhenThePolicyIsEnforced() {
    watched.exec(
        """
        rm -f /tmp/up /tmp/ended
        (exec 3<>/dev/tcp/%s/443; echo hello >&3; head -2 <&3 >/tmp/heard; touch /tmp/up
        cat <&3 >/dev/null; touch /tmp/ended) >/dev/null 2>&1 &
        """
            .formatted(Outside.RAW));
    Given.eventually(10, "it is connected", () -> watched.exec("test -e /tmp/up").exitCode() == 0);
    mode("enforce");
    try {
      Given.eventually(
          10, "it is cut off", () -> watched.exec("test -e /tmp/ended").exitCode() == 0);
      // What is told instead is an alert of TLS and a refusal of HTTP.
      String tls = say(Outside.RAW, 443, "hello\\n", 1);
      assertFalse(tls.contains("220"), tls);
      String http = say(Outside.RAW, 80, "GET /old HTTP/1.0\\n\\n", 99);
      assertTrue(http.contains(" 400 ") && http.contains(MALFORMED), http);
    } finally {
      mode("audit_only");
    }
  }
}
