package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.store.Event;
import com.atoll.server.store.Owned;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Changes of policies and rules: one transaction with its event each, and in force after it. */
final class Policies {
  private static final int MOST_POLICIES = 1_000;
  private static final int MOST_RULES = 5_000;

  /** What decides whether addresses are held back, where a policy is changed. */
  private static final String MODE = "mode";

  private final Store store;
  private final Book book;

  Policies(Store store, Book book) {
    this.store = store;
    this.book = book;
  }

  static OffsetDateTime now() {
    return OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MILLIS);
  }

  List<Policy> policies(Principal principal) {
    return store.transaction(principal, Rows::policies);
  }

  List<Rule> rules(Principal principal) {
    return store.transaction(principal, Rows::rules);
  }

  Policy policy(Principal principal, String id) {
    return store.transaction(principal, tx -> require(Rows.policy(tx, id), id));
  }

  Policy create(Principal principal, Policy policy, BiConsumer<Tx, Policy> after) {
    return changed(
        principal,
        tx -> {
          insert(tx, policy);
          book.requireRoom(tx, policy.bound(), MODE);
          after.accept(tx, policy);
          return policy;
        });
  }

  /** Changes the policy that is in force of a resource, or makes this one. */
  Policy put(Principal principal, Policy fresh, UnaryOperator<Policy> change) {
    return changed(
        principal,
        tx -> {
          Optional<Policy> there = Rows.newest(tx, fresh.bound());
          Policy policy = there.isPresent() ? update(tx, there.get(), change) : fresh;
          if (there.isEmpty()) {
            insert(tx, fresh);
          }
          book.requireRoom(tx, fresh.bound(), MODE);
          return policy;
        });
  }

  Policy update(Principal principal, String id, UnaryOperator<Policy> change) {
    return changed(
        principal,
        tx -> {
          Policy policy = update(tx, require(Rows.lock(tx, id), id), change);
          book.requireRoom(tx, policy.bound(), MODE);
          return policy;
        });
  }

  /**
   * Makes this what holds for its resource, instead of the policy that did and the rules that were
   * part of it.
   */
  void replace(Principal principal, Policy fresh, Function<Policy, List<Rule>> rules) {
    changed(
        principal,
        tx -> {
          Policy policy = fresh;
          Optional<Policy> there = Rows.newest(tx, fresh.bound());
          if (there.isPresent()) {
            Rows.deleteRulesOf(tx, there.get().id());
            policy = update(tx, there.get(), old -> old.instead(fresh));
          } else {
            insert(tx, fresh);
          }
          List<Rule> next = rules.apply(policy);
          if (Rows.countRules(tx) + next.size() > MOST_RULES) {
            throw AtollException.invalid("rules", "there are " + MOST_RULES + " rules already");
          }
          next.forEach(rule -> Rows.insert(tx, rule));
          book.requireRoom(tx, policy.bound(), "rules");
          return policy;
        });
  }

  /**
   * Makes these rules, none of which is part of a policy, all that holds for their resource by
   * itself, or changes nothing.
   *
   * @param own what its policy is to be; null where it is to have none
   */
  void become(Principal principal, Bound bound, @Nullable Policy own, List<Rule> rules) {
    changed(
        principal,
        tx -> {
          Optional<Policy> there = own == null ? Optional.empty() : Rows.newest(tx, bound);
          if (own == null) {
            deleteAll(tx, bound);
          } else if (there.isPresent()) {
            var _ = update(tx, there.get(), old -> old.instead(own));
          } else {
            insert(tx, own);
          }
          List<Rule> missing = new ArrayList<>(rules);
          for (Rule old : Rows.rules(tx, bound)) {
            if (!missing.removeIf(old::saysTheSame)) {
              Rows.deleteRule(tx, old.id());
              tx.event(event(tx, "egress.rule.deleted", old, 2));
            }
          }
          requireRoom(tx, "rules", 0, missing.size());
          for (Rule rule : missing) {
            Rows.insert(tx, rule);
            tx.event(event(tx, "egress.rule.created", rule, 1));
          }
          book.requireRoom(tx, bound, "rules");
          return bound;
        });
  }

  /** Removes all policies of a resource. */
  void deleteAll(Principal principal, Bound bound) {
    changed(
        principal,
        tx -> {
          deleteAll(tx, bound);
          return bound;
        });
  }

  private static void deleteAll(Tx tx, Bound bound) {
    Optional<Policy> next = Rows.newest(tx, bound);
    while (next.isPresent()) {
      Policy policy = next.get();
      Rows.deletePolicy(tx, policy.id());
      tx.event(event(tx, "egress.policy.deleted", policy, policy.version() + 1));
      next = Rows.newest(tx, bound);
    }
  }

  void delete(Principal principal, String id) {
    changed(
        principal,
        tx -> {
          Policy policy = require(Rows.lock(tx, id), id);
          Rows.deletePolicy(tx, id);
          tx.event(event(tx, "egress.policy.deleted", policy, policy.version() + 1));
          return policy;
        });
  }

  Rule allow(Principal principal, Function<Tx, Rule> rule, BiConsumer<Tx, Rule> after) {
    return changed(
        principal,
        tx -> {
          Rule made = rule.apply(tx);
          if (Rows.countRules(tx) >= MOST_RULES) {
            throw AtollException.invalid("host", "there are " + MOST_RULES + " rules already");
          }
          Bounds.requireExists(tx, made.bound());
          Rows.insert(tx, made);
          book.requireRoom(tx, made.bound(), "host");
          tx.event(event(tx, "egress.rule.created", made, 1));
          after.accept(tx, made);
          return made;
        });
  }

  void forget(Principal principal, String id) {
    changed(
        principal,
        tx -> {
          Rule rule =
              Rows.rule(tx, id)
                  .orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "egress rule " + id));
          Rows.deleteRule(tx, id);
          tx.event(event(tx, "egress.rule.deleted", rule, 2));
          return rule;
        });
  }

  /** Refuses so many more than an organization has. */
  static void requireRoom(Tx tx, String field, int policies, int rules) {
    if (policies > 0 && Rows.countPolicies(tx) + policies > MOST_POLICIES) {
      throw AtollException.invalid(field, "there are " + MOST_POLICIES + " policies already");
    }
    if (rules > 0 && Rows.countRules(tx) + rules > MOST_RULES) {
      throw AtollException.invalid(field, "there are " + MOST_RULES + " rules already");
    }
  }

  private static void insert(Tx tx, Policy policy) {
    if (Rows.countPolicies(tx) >= MOST_POLICIES) {
      throw AtollException.invalid("name", "there are " + MOST_POLICIES + " policies already");
    }
    Bounds.requireExists(tx, policy.bound());
    Rows.insert(tx, policy);
    tx.event(event(tx, "egress.policy.created", policy, policy.version()));
  }

  private static Policy update(Tx tx, Policy there, UnaryOperator<Policy> change) {
    Policy next = change.apply(there);
    Rows.update(tx, next);
    tx.event(event(tx, "egress.policy.updated", next, next.version()));
    return next;
  }

  static Policy require(Optional<Policy> found, String id) {
    return found.orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "egress policy " + id));
  }

  /** What the organization committed earlier is in force when this returns. */
  void settle(Principal principal) {
    book.awaitInForce(principal.org());
  }

  private <T> T changed(Principal principal, Store.Work<T> work) {
    T result = store.transaction(principal, work);
    CrashPoint.AFTER_COMMIT.reach();
    book.reload(principal.org());
    book.awaitInForce(principal.org());
    CrashPoint.AFTER_FORCE.reach();
    return result;
  }

  static Event event(Tx tx, String type, Policy policy, long version) {
    return event(
        tx,
        type,
        "egress_policy",
        policy.id(),
        version,
        policy.bound(),
        Map.of("name", policy.name(), "mode", policy.mode()));
  }

  /** Removes what is bound to sandboxes that are gone. */
  void sweep() {
    book.sweep();
  }

  static Event event(Tx tx, String type, Rule rule, long version) {
    return event(
        tx,
        type,
        "egress_rule",
        rule.id(),
        version,
        rule.bound(),
        Map.of("host", rule.host(), "effect", rule.allow() ? "allow" : "deny"));
  }

  private static Event event(
      Tx tx,
      String type,
      String resourceType,
      String id,
      long version,
      Bound bound,
      Map<String, String> data) {
    String owner = bound.id();
    return switch (bound.kind()) {
      case ORGANIZATION -> Event.of(type, resourceType, id, version, data);
      case WORKSPACE ->
          Owned.WORKSPACE.event(tx, String.valueOf(owner), type, resourceType, id, version, data);
      case SANDBOX ->
          Owned.SANDBOX.event(tx, String.valueOf(owner), type, resourceType, id, version, data);
    };
  }
}
