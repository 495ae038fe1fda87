package com.atoll.server.egress;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RoomTest {
  private static final OrganizationId ORG = new OrganizationId("org_1");
  private static final OffsetDateTime NOW = Policies.now();
  private static final Bound SANDBOX = new Bound(Bound.Kind.SANDBOX, "sbx_1");
  private static final Bound WORKSPACE = new Bound(Bound.Kind.WORKSPACE, "ws_1");

  /** Rules for addresses none of which is beside another. */
  private static List<Rule> rules(Bound bound, int from, int count) {
    List<Rule> rules = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      int address = 2 * i;
      String host = "10.0." + (address >> 8) + "." + (address & 255) + "/32";
      rules.add(
          new Rule(
              "egr_" + i,
              ORG,
              null,
              bound,
              true,
              host,
              List.of(),
              null,
              null,
              null,
              NOW,
              List.of(),
              null));
    }
    return rules;
  }

  private static Policy policy(Bound bound, boolean enforce) {
    return new Policy("egp_1", ORG, "p", null, enforce, false, bound, null, 1, NOW, NOW);
  }

  private static void require(List<Policy> policies, List<Rule> rules, Bound changed) {
    Room.require(
        new Written(policies, rules, List.of(), List.of()),
        changed,
        "host",
        id -> id.equals("sbx_1") ? Optional.of("ws_1") : Optional.empty());
  }

  private static void assertRefused(List<Policy> policies, List<Rule> rules, Bound changed) {
    AtollException refused =
        assertThrows(AtollException.class, () -> require(policies, rules, changed));
    assertEquals(ErrorCode.VALIDATION_FAILED, refused.code());
  }

  @Test
  void asManyAsAMachineHoldsArePossibleAndNotOneMore() {
    List<Policy> locked = List.of(policy(Bound.ORGANIZATION, true));
    assertDoesNotThrow(
        () -> require(locked, rules(Bound.ORGANIZATION, 0, Room.MOST), Bound.ORGANIZATION));
    assertRefused(locked, rules(Bound.ORGANIZATION, 0, Room.MOST + 1), Bound.ORGANIZATION);
  }

  @Test
  void rulesThatHoldNothingBackAreNotCounted() {
    List<Rule> many = rules(Bound.ORGANIZATION, 0, 1_100);
    assertDoesNotThrow(() -> require(List.of(), many, Bound.ORGANIZATION));
    assertDoesNotThrow(
        () -> require(List.of(policy(Bound.ORGANIZATION, false)), many, Bound.ORGANIZATION));
  }

  @Test
  void whatIsBoundNearerIsCountedWithItWhicheverOfThemChanges() {
    List<Rule> both = new ArrayList<>(rules(Bound.ORGANIZATION, 0, 600));
    both.addAll(rules(SANDBOX, 600, 600));
    List<Policy> locked = List.of(policy(WORKSPACE, true));
    for (Bound changed : List.of(SANDBOX, WORKSPACE, Bound.ORGANIZATION)) {
      assertRefused(locked, both, changed);
    }
    // Another workspace, and a sandbox that is gone, are not concerned.
    assertDoesNotThrow(() -> require(locked, both, new Bound(Bound.Kind.WORKSPACE, "ws_2")));
    assertDoesNotThrow(() -> require(locked, both, new Bound(Bound.Kind.SANDBOX, "sbx_2")));
  }
}
