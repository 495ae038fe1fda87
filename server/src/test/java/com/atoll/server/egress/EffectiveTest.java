package com.atoll.server.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import com.atoll.model.OrganizationId;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class EffectiveTest {
  private static final OrganizationId ORG = new OrganizationId("org_1");
  private static final OffsetDateTime NOW = Policies.now();
  private static final Bound SANDBOX = new Bound(Bound.Kind.SANDBOX, "sbx_1");
  private static final Bound WORKSPACE = new Bound(Bound.Kind.WORKSPACE, "ws_1");

  private static Policy policy(String id, Bound bound, boolean enforce, boolean allow) {
    return new Policy(id, ORG, id, null, enforce, allow, bound, null, 1, NOW, NOW);
  }

  private static Rule rule(
      String id, Bound bound, @Nullable String policy, boolean allow, String host) {
    return new Rule(
        id, ORG, policy, bound, allow, host, List.of(), null, null, null, NOW, List.of(), null);
  }

  private static Effective of(List<Policy> policies, Rule... rules) {
    return Effective.of(
        new Effective.Place("sbx_1", "ws_1"),
        new Written(policies, List.of(rules), List.of(), List.of()));
  }

  @Test
  void theMostSpecificPolicyHoldsAndOfTwoTheNewer() {
    Policy org = policy("egp_1", Bound.ORGANIZATION, true, false);
    Policy workspace = policy("egp_2", WORKSPACE, true, false);
    Policy older = policy("egp_3", SANDBOX, true, false);
    Policy newer = policy("egp_4", SANDBOX, false, true);
    assertEquals(newer, of(List.of(org, workspace, older, newer)).policy());
    assertEquals(workspace, of(List.of(org, workspace)).policy());
    assertEquals(org, of(List.of(org)).policy());
    Policy elsewhere = policy("egp_5", new Bound(Bound.Kind.SANDBOX, "sbx_2"), true, false);
    assertTrue(of(List.of(elsewhere)).isNone());
  }

  @Test
  void permissionsAloneForbidNothing() {
    assertTrue(of(List.of(), rule("r", SANDBOX, null, true, "a.net")).isNone());
    Effective denying = of(List.of(), rule("r", SANDBOX, null, false, "a.net"));
    assertTrue(denying.guard().getProxied());
    assertFalse(denying.guard().getClosed());
    assertTrue(denying.enforce() && denying.defaultAllow());
  }

  @Test
  void otherPortsAreClosedOnlyWhereTheDefaultIsEnforced() {
    assertTrue(of(List.of(policy("p", SANDBOX, true, false))).guard().getClosed());
    assertFalse(of(List.of(policy("p", SANDBOX, false, false))).guard().getClosed());
    assertFalse(of(List.of(policy("p", SANDBOX, true, true))).guard().getClosed());
  }

  @Test
  void whatIsOpenGoesOnOnlyWhereNothingIsRefused() {
    assertTrue(of(List.of(policy("p", SANDBOX, false, false))).guard().getLenient());
    assertTrue(of(List.of(policy("p", SANDBOX, true, true))).guard().getLenient());
    assertFalse(of(List.of(policy("p", SANDBOX, true, false))).guard().getLenient());
    assertFalse(of(List.of(), rule("r", SANDBOX, null, false, "a.net")).guard().getLenient());
    assertFalse(Effective.NONE.guard().getLenient());
  }

  @Test
  void rulesOfAnotherPolicyAreNotAsked() {
    Policy org = policy("egp_1", Bound.ORGANIZATION, true, false);
    Policy own = policy("egp_2", SANDBOX, true, false);
    Effective effective =
        of(
            List.of(org, own),
            rule("a", Bound.ORGANIZATION, "egp_1", true, "a.net"),
            rule("b", Bound.ORGANIZATION, null, true, "b.net"),
            rule("c", SANDBOX, "egp_2", true, "c.net"));
    assertEquals(List.of("c", "b"), effective.rules().stream().map(Rule::id).toList());
  }

  @Test
  void theMoreSpecificRuleIsAskedFirst() {
    Effective effective =
        of(
            List.of(policy("p", SANDBOX, true, false)),
            rule("any", SANDBOX, null, true, "*"),
            rule("deny", SANDBOX, null, false, "a.b.net"),
            rule("allow", SANDBOX, null, true, "a.b.net"),
            rule("wide", SANDBOX, null, true, "*.net"),
            rule("narrow", SANDBOX, null, true, "*.b.net"),
            rule("org", Bound.ORGANIZATION, null, false, "x.a.b.net"));
    assertEquals(
        List.of("deny", "allow", "narrow", "wide", "any", "org"),
        effective.rules().stream().map(Rule::id).toList());
  }

  @Test
  void addressesAreAskedBeforeNamesHoweverLongTheseAre() {
    Effective effective =
        of(
            List.of(policy("p", SANDBOX, true, true)),
            rule("short", SANDBOX, null, true, "a.net"),
            rule("long", SANDBOX, null, true, "a-name-that-is-longer-than-any-prefix.net"),
            rule("wide", SANDBOX, null, true, "*.net"),
            rule("range", SANDBOX, null, false, "10.0.0.0/8"),
            rule("part", SANDBOX, null, true, "10.1.0.0/16"));
    assertEquals(
        List.of("part", "range", "long", "short", "wide"),
        effective.rules().stream().map(Rule::id).toList());
  }

  @Test
  void whatIsNoHostIsRefused() {
    assertEquals("*.example.com", Checks.host(" *.Example.COM. "));
    assertEquals("xn--bcher-kva.example", Checks.host("bücher.example"));
    Stream.of("", " ", "a b", "*.*.com", "a*.com", "a.com:80", "http://a.com", "a..com", "-a.com")
        .forEach(bad -> assertThrows(AtollException.class, () -> Checks.host(bad), bad));
    assertThrows(AtollException.class, () -> Checks.methods(List.of("GET POST")));
  }

  @Test
  void aPatternThatNoPathCanFitIsRefused() {
    Stream.of("v1", "/a/../b", "/a/..", "/a/.", "/a/%2e%2E/**", "/a%2F..%2Fb", "/..;x/b", "/a?b")
        .forEach(bad -> {
          assertThrows(AtollException.class, () -> Checks.path(bad, true), bad);
          assertThrows(AtollException.class, () -> Checks.path(bad, false), bad);
        });
    Stream.of("/a///b", "/100%25", "/a\\b", "/a%5cb", "/a%", "/a%zz", "/%c1%a1", "/a%2F/b")
        .forEach(bad -> {
          assertThrows(AtollException.class, () -> Checks.path(bad, true), bad);
          // A denial holds for every path that servers read differently.
          assertEquals(bad, Checks.path(bad, false));
        });
    Stream.of("/group%2Fproject/**", "/@scope%2fname", "/a;v=1", "/a//b", "/a/.b/..c", "/a.*")
        .forEach(good -> assertEquals(good, Checks.path(good, true)));
  }
}
