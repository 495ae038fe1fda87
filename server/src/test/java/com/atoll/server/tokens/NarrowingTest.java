package com.atoll.server.tokens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import com.atoll.model.Delegation;
import com.atoll.model.KeyId;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import com.atoll.model.Standing;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** However a token is asked for, it is a part of who minted it. */
class NarrowingTest {
  private static final Set<String> KNOWN =
      Set.of(
          "sandboxes:create",
          "sandboxes:read",
          "sandboxes:write",
          "sandboxes:exec",
          "volumes:read",
          "volumes:write",
          "deployments:write",
          "keys:read",
          "keys:write",
          "audit:read",
          "actions:write");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static Principal minter(
      @Nullable Set<String> scopes, @Nullable String user, @Nullable Delegation delegation) {
    return new Principal(
        OrganizationId.next(), KeyId.next(), Role.USER, scopes, 60, user, delegation, Standing.OWN);
  }

  @Provide
  Arbitrary<Set<String>> scopeSets() {
    return Arbitraries.of(
            "sandboxes:create",
            "sandboxes:read",
            "sandboxes:exec",
            "sandboxes:*",
            "volumes:read",
            "volumes:*",
            "deployments:write",
            "keys:write",
            "keys:*",
            "*")
        .set()
        .ofMaxSize(5);
  }

  @Provide
  Arbitrary<Set<String>> names() {
    return Arbitraries.of("sbx_1", "sbx_2", "sbx_3", "one", "two").set().ofMaxSize(5);
  }

  @Provide
  Arbitrary<Delegation> delegations() {
    return Combinators.combine(
            Arbitraries.of("wsp_1", "wsp_2").injectNull(0.5),
            names().injectNull(0.5),
            Arbitraries.of(Set.of("sandboxes.exec"), Set.of("sandboxes.", "tokens."))
                .injectNull(0.5),
            Arbitraries.integers().between(1, 4),
            Arbitraries.longs().between(1, 100_000))
        .as((workspace, sandboxes, operations, depth, seconds) ->
            new Delegation(
                "tok_parent",
                List.of("key_1", "tok_1", "tok_2", "tok_3").subList(0, depth),
                workspace,
                sandboxes,
                operations,
                NOW.plusSeconds(seconds)));
  }

  @Property
  void aChildHasNoScopeThatItsMinterLacks(
      @ForAll("scopeSets") Set<String> own, @ForAll("scopeSets") Set<String> asked) {
    Principal minter = minter(own.isEmpty() ? null : own, null, null);
    Set<String> granted;
    try {
      granted = Narrowing.scopes(minter, asked.isEmpty() ? null : asked, KNOWN);
    } catch (AtollException refused) {
      return;
    }
    Principal child = minter(granted, null, null);
    for (String scope : KNOWN) {
      if (child.allows(scope)) {
        assertTrue(minter.allows(scope), () -> scope + " of " + granted + " from " + own);
        assertTrue(Narrowing.isDelegable(scope), scope);
      }
    }
  }

  @Property
  void aChildReachesNothingThatItsMinterDoesNot(
      @ForAll("delegations") Delegation parent, @ForAll("names") Set<String> asked) {
    Principal minter = minter(null, null, parent);
    Set<String> own = parent.sandboxes();
    try {
      Set<String> granted = Narrowing.sandboxes(minter, asked);
      assertTrue(own == null || own.containsAll(granted));
    } catch (AtollException refused) {
      assertFalse(own == null || own.containsAll(asked));
    }
    for (String workspace : List.of("wsp_1", "wsp_2", "wsp_3")) {
      try {
        String granted = Narrowing.workspace(minter, workspace);
        assertTrue(parent.workspace() == null || parent.workspace().equals(granted));
      } catch (AtollException refused) {
        assertNotEquals(workspace, parent.workspace());
      }
    }
  }

  @Property
  void aChildEndsNoLaterThanWhatItStemsFrom(
      @ForAll("delegations") Delegation parent,
      @ForAll("seconds") long asked,
      @ForAll("seconds") long key) {
    Instant keyEnds = NOW.plusSeconds(key);
    Instant end =
        Narrowing.end(minter(null, null, parent), keyEnds, Duration.ofSeconds(asked), NOW);
    assertFalse(end.isAfter(parent.expiresAt()));
    assertFalse(end.isAfter(keyEnds));
    assertFalse(end.isAfter(NOW.plusSeconds(asked)));
  }

  @Provide
  Arbitrary<Long> seconds() {
    return Arbitraries.longs().between(1, 200_000);
  }

  @Property
  void aChildAsksForNoOperationThatItsMinterMayNot(@ForAll("delegations") Delegation parent) {
    Principal minter = minter(null, null, parent);
    Set<String> asked = Ability.operations(List.of(Ability.EXEC, Ability.FILES));
    try {
      Set<String> granted = Narrowing.operations(minter, asked);
      Delegation child =
          new Delegation("tok_c", List.of("key_1"), null, null, granted, parent.expiresAt());
      for (String operation :
          List.of("sandboxes.exec", "sandboxes.files.write", "keys.create", "sandboxes.delete")) {
        assertTrue(!child.permits(operation) || parent.permits(operation), operation);
      }
    } catch (AtollException refused) {
      assertTrue(parent.operations() != null);
    }
  }

  @Property
  void theChainGrowsByItsMinterAndHasAnEnd(@ForAll("delegations") Delegation parent) {
    Principal minter = minter(null, null, parent);
    if (parent.chain().size() + 1 >= Narrowing.LONGEST_CHAIN) {
      assertThrows(AtollException.class, () -> Narrowing.chain(minter));
      return;
    }
    List<String> chain = Narrowing.chain(minter);
    assertEquals(parent.chain(), chain.subList(0, chain.size() - 1));
    assertEquals(parent.token(), chain.getLast());
  }

  @Example
  void aConfinedMinterActsForItsOwnUserOnly() {
    Principal minter = minter(null, "alice", null);
    assertEquals("alice", Narrowing.user(minter, null));
    assertEquals("alice", Narrowing.user(minter, "alice"));
    assertThrows(AtollException.class, () -> Narrowing.user(minter, "bob"));
  }

  @Example
  void whatManagesTheOrganizationIsNotForTokens() {
    Principal minter = minter(null, null, null);
    for (String scope : List.of("keys:write", "actions:write", "audit:read", "*", "keys:*")) {
      assertThrows(
          AtollException.class, () -> Narrowing.scopes(minter, List.of(scope), KNOWN), scope);
    }
    assertFalse(Narrowing.scopes(minter, null, KNOWN).contains("keys:write"));
  }
}
