package com.atoll.edge.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.edge.routes.Route;
import com.atoll.edge.routes.Route.EgressRule;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class DeciderTest {
  private static final Verdict.Kind ALLOW = Verdict.Kind.ALLOW;
  private static final Verdict.Kind DENY = Verdict.Kind.DENY;
  private static final Verdict.Kind INSPECT = Verdict.Kind.INSPECT;

  private static Route.Egress policy(boolean defaultAllow, EgressRule... rules) {
    return new Route.Egress(
        "egress/sbx_1",
        "sbx_1",
        "10.1.0.2",
        1,
        "egp_1",
        true,
        defaultAllow,
        List.of(rules),
        List.of());
  }

  private static EgressRule rule(boolean allow, String host, String path, String... methods) {
    String id = (allow ? "allow " : "deny ") + host + path;
    return new EgressRule(id, allow, host, Set.of(methods), path, Set.of());
  }

  private static Verdict.Kind get(Route.Egress policy, String host, String path) {
    return Decider.request(policy, host, 443, "GET", path).kind();
  }

  @Test
  void theFirstRuleThatFitsDecidesElseTheDefault() {
    Route.Egress policy =
        policy(false, rule(false, "bad.example.com", ""), rule(true, "*.example.com", ""));
    assertEquals(DENY, get(policy, "bad.example.com", "/"));
    assertEquals(ALLOW, get(policy, "good.example.com", "/"));
    assertEquals(ALLOW, get(policy, "a.b.example.com", "/"));
    assertEquals(DENY, get(policy, "example.com", "/"));
    assertEquals(DENY, get(policy, "example.com.evil.net", "/"));
    assertEquals(DENY, get(policy, "notexample.com", "/"));
    assertEquals(ALLOW, get(policy(true), "anything.net", "/"));
  }

  @Test
  void rangesMeanAddressesAndWhereNamesLead() {
    Route.Egress policy =
        policy(
            true,
            rule(true, "open.net", ""),
            rule(false, "10.1.0.0/16", ""),
            rule(true, "10.0.0.0/8", ""),
            rule(false, "0.0.0.0/0", ""));
    assertEquals(DENY, get(policy, "10.1.2.3", "/"));
    assertEquals(ALLOW, get(policy, "10.2.2.3", "/"));
    assertEquals(DENY, get(policy, "11.0.0.1", "/"));
    assertEquals(ALLOW, get(policy, "other.net", "/"));
    assertEquals(ALLOW, get(policy, "x.11", "/"));
    assertEquals(ALLOW, Decider.name(policy, "other.net").kind());
    assertTrue(admits(policy, "open.net", "/", "10.1.2.3"));
    assertTrue(admits(policy, "other.net", "/", "10.2.2.3"));
    assertFalse(admits(policy, "other.net", "/", "10.1.2.3"));
    assertFalse(admits(policy, "other.net", "/", "11.0.0.1"));
    Route.Egress closed =
        policy(false, rule(true, "api.net", "", "GET"), rule(true, "10.0.0.0/8", ""));
    assertTrue(admits(closed, "api.net", "/", "9.9.9.9"));
    assertEquals(ALLOW, Decider.connection(closed, "10.0.0.1").kind());
    assertEquals(DENY, Decider.connection(closed, "9.9.9.9").kind());
  }

  private static boolean admits(Route.Egress policy, String host, String path, String address) {
    Verdict verdict = Decider.request(policy, host, 443, "GET", path);
    return Decider.admits(policy, verdict, address);
  }

  @Test
  void aPermissionForOtherCallsOfTheHostSwitchesNoDenialOfAddressesOff() {
    Route.Egress policy =
        policy(
            false,
            rule(true, "api.net", "/v1/**"),
            rule(false, "10.0.0.0/8", ""),
            rule(true, "api.net", ""));
    assertTrue(admits(policy, "api.net", "/v1/x", "10.1.2.3"));
    assertFalse(admits(policy, "api.net", "/v2/x", "10.1.2.3"));
    assertTrue(admits(policy, "api.net", "/v2/x", "11.1.2.3"));
  }

  @Test
  void methodsAndPathsNarrowARule() {
    Route.Egress policy = policy(false, rule(true, "api.net", "/v1/**", "GET", "HEAD"));
    assertEquals(ALLOW, get(policy, "api.net", "/v1/models"));
    assertEquals(DENY, get(policy, "api.net", "/v2/models"));
    assertEquals(DENY, Decider.request(policy, "api.net", 443, "POST", "/v1/models").kind());
  }

  private static Refusal why(Route.Egress policy, String host, String method, String path) {
    Verdict verdict = Decider.request(policy, host, 443, method, path);
    assertEquals(DENY, verdict.kind());
    return verdict.refusal();
  }

  @Test
  void aRefusalSaysWhatTheNearestPermissionWasMissedBy() {
    EgressRule reads = rule(true, "api.net", "/v1/**", "GET");
    EgressRule writes = rule(true, "api.net", "/up/**", "POST");
    EgressRule plain = new EgressRule("p", true, "old.net", Set.of(), "", Set.of(80));
    EgressRule rest = rule(false, "*", "");
    for (Route.Egress policy :
        List.of(policy(false, reads, writes, plain), policy(true, reads, writes, plain, rest))) {
      assertEquals(Refusal.PATH, why(policy, "api.net", "GET", "/v2"));
      assertEquals(Refusal.AMBIGUOUS_PATH, why(policy, "api.net", "get", "/v1/../v2"));
      assertEquals(Refusal.PATH, why(policy, "api.net", "POST", "/v1/models"));
      assertEquals(Refusal.METHOD, why(policy, "api.net", "PUT", "/v1/models"));
      assertEquals(Refusal.PORT, why(policy, "old.net", "GET", "/"));
      assertEquals(Refusal.PORT, Decider.connection(policy, "old.net").refusal());
      assertEquals(Refusal.NOT_ALLOWED, why(policy, "else.net", "GET", "/v1/models"));
      assertEquals(Refusal.NOT_ALLOWED, Decider.connection(policy, "else.net").refusal());
      assertEquals(Refusal.NOT_ALLOWED, Decider.name(policy, "else.net").refusal());
    }
  }

  @Test
  void aRefusalSaysThatARuleDeniesIt() {
    Route.Egress policy =
        policy(
            true,
            rule(true, "api.net", "/v1/**"),
            rule(false, "api.net", ""),
            rule(false, "*.bad.net", "", "DELETE"),
            rule(false, "10.0.0.0/8", ""));
    assertEquals(Refusal.PATH, why(policy, "api.net", "GET", "/v2"));
    assertEquals(Refusal.BY_RULE, why(policy, "a.bad.net", "DELETE", "/"));
    assertEquals(Refusal.NOT_ALLOWED, why(policy, "10.1.2.3", "GET", "/"));
    Verdict there = Decider.at(policy, new Verdict(ALLOW, ""), "10.1.2.3");
    assertEquals(Refusal.NOT_ALLOWED, there.refusal());
    assertEquals("deny 10.0.0.0/8", there.ruleId());
    // What comes behind a denial opens nothing.
    Route.Egress late = policy(true, rule(false, "*", ""), rule(true, "api.net", "", "GET"));
    assertEquals(Refusal.NOT_ALLOWED, why(late, "api.net", "POST", "/"));
  }

  @Test
  void noPermissionFitsAPathThatServersReadDifferently() {
    Route.Egress policy = policy(false, rule(true, "api.net", "/v1/**"));
    for (String path :
        List.of(
            "/v1/../admin",
            "/v1/%2e%2e/admin",
            "/v1/..%2fadmin",
            "/v1//x",
            "/v1/..;/x",
            "/v1\\x")) {
      assertEquals(DENY, get(policy, "api.net", path), path);
    }
    Route.Egress open = policy(true, rule(false, "api.net", "/admin/**"));
    assertEquals(DENY, get(open, "api.net", "/x/%2e%2e/admin/a"));
  }

  @Test
  void aConnectionIsOpenedOnlyWhereTheNameDoesNotTell() {
    Route.Egress policy =
        policy(
            false,
            rule(true, "whole.net", ""),
            rule(true, "part.net", "/v1/**"),
            rule(true, "*.net", "", "GET"));
    assertEquals(ALLOW, Decider.connection(policy, "whole.net").kind());
    assertEquals(INSPECT, Decider.connection(policy, "part.net").kind());
    assertEquals(INSPECT, Decider.connection(policy, "other.net").kind());
    assertEquals(DENY, Decider.connection(policy, "other.org").kind());
  }

  @Test
  void aNameIsAnsweredWhenSomeCallOfItMayBeAllowed() {
    Route.Egress policy =
        policy(
            false,
            rule(false, "half.net", "/admin/**"),
            rule(false, "closed.net", ""),
            rule(true, "*.net", ""));
    assertEquals(ALLOW, Decider.name(policy, "half.net").kind());
    assertEquals(DENY, Decider.name(policy, "closed.net").kind());
    assertEquals(DENY, Decider.name(policy, "else.org").kind());
  }

  @Test
  void aHostIsReadAsServersReadIt() {
    assertEquals("api.net", Requests.normal("API.net", 80));
    assertEquals("api.net", Requests.normal("api.net.:80", 80));
    for (String bad :
        List.of(
            "", "api.net:81", "a b", "api.net@evil.net", "[::1]", "a..b", ".a", "api.net:80:80")) {
      assertEquals(null, Requests.normal(bad, 80), bad);
    }
  }
}
