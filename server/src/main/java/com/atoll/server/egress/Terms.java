package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.server.sandboxes.NetworkWish;
import com.atoll.server.sandboxes.Sandbox;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is bound to one sandbox itself and decides about its calls, as it goes along with copies of
 * that sandbox: its policy that is in force, and the rules that are asked. What is bound to its
 * workspace or organization holds for copies anyway. Secrets do not go along: they were given to
 * this sandbox by somebody who may, and a fork is made by anybody who may create.
 */
record Terms(@Nullable Clause policy, List<Line> rules) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MOST = 5_000;

  /** Of a sandbox to which nothing is bound. */
  static final Terms NOTHING = new Terms(null, List.of());

  /** A policy without its place. */
  record Clause(String name, @Nullable String description, boolean enforce, boolean defaultAllow) {}

  /**
   * A rule without its place.
   *
   * @param part whether it is part of the policy
   */
  record Line(
      boolean part,
      boolean allow,
      String host,
      List<String> methods,
      @Nullable String pathGlob,
      @Nullable String note,
      List<Integer> ports,
      @Nullable Integer position) {}

  /** The rows of a copy. */
  record Copy(@Nullable Policy policy, List<Rule> rules) {}

  /** Those of a sandbox; null when nothing is bound to it. */
  static @Nullable Terms of(Sandbox sandbox, Written written) {
    Bound bound = new Bound(Bound.Kind.SANDBOX, sandbox.id());
    Policy policy = Effective.inForce(written.policies(), bound::equals);
    List<Line> rules =
        written.rules().stream()
            .filter(rule -> rule.bound().equals(bound))
            .filter(rule -> rule.policyId() == null || Effective.isOf(rule, policy))
            .map(Terms::line)
            .toList();
    if (policy == null && rules.isEmpty()) {
      return null;
    }
    return new Terms(
        policy == null
            ? null
            : new Clause(
                policy.name(), policy.description(), policy.enforce(), policy.defaultAllow()),
        rules);
  }

  private static Line line(Rule rule) {
    return new Line(
        rule.policyId() != null,
        rule.allow(),
        rule.host(),
        rule.methods(),
        rule.pathGlob(),
        rule.note(),
        rule.ports(),
        rule.position());
  }

  String text() {
    return JSON.writeValueAsString(this);
  }

  /** As it was written by {@link #text}, here or on another installation. */
  static Terms read(String text) {
    try {
      Terms terms = JSON.readValue(text, Terms.class);
      List<Line> rules = List.copyOf(Objects.requireNonNull(terms.rules()));
      if (rules.size() <= MOST) {
        return new Terms(terms.policy(), rules.stream().map(Terms::checked).toList());
      }
    } catch (JacksonException | NullPointerException | AtollException nonsense) {
      throw damaged();
    }
    throw damaged();
  }

  private static AtollException damaged() {
    return AtollException.of(
        ErrorCode.ARCHIVE_DAMAGED, "what it says of its sandbox's egress is not understood");
  }

  private static Line checked(Line line) {
    return new Line(
        line.part(),
        line.allow(),
        Checks.destination(line.host()),
        Checks.methods(line.methods()),
        Checks.path(line.pathGlob()),
        line.note(),
        List.copyOf(line.ports()),
        line.position());
  }

  /**
   * These with what a create asks for besides. Nothing is opened by that, unless everything else is
   * closed: then only what is asked for holds.
   *
   * @param enforced whether what holds without it is enforced; what is denied is so in any case
   */
  Terms with(NetworkWish wish, boolean enforced) {
    Clause now = policy;
    if (wish.closed() || !enforced) {
      now =
          new Clause(
              policy == null ? "default" : policy.name(),
              policy == null ? null : policy.description(),
              true,
              !wish.closed());
    }
    Set<String> allowed = stored(wish.allowed());
    Set<String> denied = stored(wish.denied());
    List<Line> lines = new ArrayList<>();
    for (Line line : rules) {
      boolean asked = (line.allow() ? allowed : denied).remove(line.host());
      if (asked || !wish.closed()) {
        lines.add(line);
      }
    }
    // What is allowed is asked first, and wins over what is denied.
    allowed.forEach(host -> lines.add(asked(host, true)));
    denied.forEach(host -> lines.add(asked(host, false)));
    if (lines.size() > MOST) {
      throw AtollException.invalid("network", "must have at most " + MOST + " hosts");
    }
    return new Terms(now, List.copyOf(lines));
  }

  /** Destinations as rules keep them, each one once. */
  static Set<String> stored(List<String> hosts) {
    Set<String> stored = new LinkedHashSet<>();
    hosts.forEach(host -> stored.add(Checks.destination(host)));
    return stored;
  }

  private static Line asked(String host, boolean allow) {
    return new Line(false, allow, host, List.of(), null, null, List.of(), allow ? 0 : 1);
  }

  /** The same for another sandbox. */
  Copy of(Sandbox fork) {
    var now = Policies.now();
    Bound bound = new Bound(Bound.Kind.SANDBOX, fork.id());
    String user = fork.owner().externalUserId();
    Policy made =
        policy == null
            ? null
            : new Policy(
                Ids.next("egp"),
                fork.org(),
                policy.name(),
                policy.description(),
                policy.enforce(),
                policy.defaultAllow(),
                bound,
                user,
                1,
                now,
                now);
    return new Copy(
        made,
        rules.stream()
            .map(line ->
                new Rule(
                    Ids.next("egr"),
                    fork.org(),
                    line.part() && made != null ? made.id() : null,
                    bound,
                    line.allow(),
                    line.host(),
                    line.methods(),
                    line.pathGlob(),
                    line.note(),
                    user,
                    now,
                    line.ports(),
                    line.position()))
            .toList());
  }
}
