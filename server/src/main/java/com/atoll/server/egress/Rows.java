package com.atoll.server.egress;

import com.atoll.model.OrganizationId;
import com.atoll.server.store.Tx;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** The rows of policies and rules. */
final class Rows {
  private static final String POLICIES = "select * from egress_policies ";
  private static final String RULES = "select * from egress_rules ";

  /**
   * What may be bound to a sandbox or a workspace; rules before the policies that they are part of.
   */
  private static final List<String> BOUND =
      List.of("egress_bindings", "egress_rules", "egress_policies");

  private Rows() {}

  static List<Policy> policies(Tx tx) {
    return tx.sql().fetch(POLICIES + "order by id desc").map(Rows::policy);
  }

  static Optional<Policy> policy(Tx tx, String id) {
    return Optional.ofNullable(tx.sql().fetchOne(POLICIES + "where id = ?", id)).map(Rows::policy);
  }

  /** The row, kept from others until the transaction ends. */
  static Optional<Policy> lock(Tx tx, String id) {
    return Optional.ofNullable(tx.sql().fetchOne(POLICIES + "where id = ? for update", id))
        .map(Rows::policy);
  }

  /** The one in force of a resource. */
  static Optional<Policy> newest(Tx tx, Bound bound) {
    return Optional.ofNullable(
            tx.sql()
                .fetchOne(
                    POLICIES
                        + """
                        where resource_type = ? and resource_id is not distinct from ?
                        order by id desc limit 1 for update\
                        """,
                    bound.kind().wire(),
                    bound.id()))
        .map(Rows::policy);
  }

  static void insert(Tx tx, Policy policy) {
    tx.sql()
        .execute(
            """
            insert into egress_policies (id, org, name, description, mode, default_effect,
              resource_type, resource_id, external_user_id, version, created_at, updated_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, cast(? as timestamptz), cast(? as timestamptz))\
            """,
            policy.id(),
            policy.org().value(),
            policy.name(),
            policy.description(),
            policy.mode(),
            policy.defaultEffect(),
            policy.bound().kind().wire(),
            policy.bound().id(),
            policy.externalUserId(),
            policy.version(),
            policy.createdAt(),
            policy.updatedAt());
  }

  static void update(Tx tx, Policy policy) {
    tx.sql()
        .execute(
            """
            update egress_policies set name = ?, description = ?, mode = ?, default_effect = ?,
              version = ?, updated_at = cast(? as timestamptz) where id = ?\
            """,
            policy.name(),
            policy.description(),
            policy.mode(),
            policy.defaultEffect(),
            policy.version(),
            policy.updatedAt(),
            policy.id());
  }

  static boolean deletePolicy(Tx tx, String id) {
    return tx.sql().execute("delete from egress_policies where id = ?", id) == 1;
  }

  static List<Rule> rules(Tx tx) {
    return tx.sql().fetch(RULES + "order by id desc").map(Rows::rule);
  }

  /** Those of one resource itself. */
  static List<Rule> rules(Tx tx, Bound bound) {
    return tx.sql()
        .fetch(
            RULES + "where resource_type = ? and resource_id is not distinct from ? for update",
            bound.kind().wire(),
            bound.id())
        .map(Rows::rule);
  }

  static Optional<Rule> rule(Tx tx, String id) {
    return Optional.ofNullable(tx.sql().fetchOne(RULES + "where id = ?", id)).map(Rows::rule);
  }

  static int countRules(Tx tx) {
    return count(tx, "egress_rules where not copied");
  }

  /** Those for ranges of addresses, of copies too. */
  static int countRanges(Tx tx) {
    return count(tx, "egress_rules where strpos(host, '/') > 0");
  }

  static int countPolicies(Tx tx) {
    return count(tx, "egress_policies where not copied");
  }

  static int countCopiedRules(Tx tx) {
    return count(tx, "egress_rules where copied");
  }

  static int countCopiedPolicies(Tx tx) {
    return count(tx, "egress_policies where copied");
  }

  private static int count(Tx tx, String which) {
    return tx.sql().fetchSingle("select count(*) from " + which).get(0, Integer.class);
  }

  /** Says of everything that is bound to a sandbox that no caller wrote it. */
  static void copied(Tx tx, String sandbox) {
    for (String table : List.of("egress_policies", "egress_rules")) {
      tx.sql()
          .execute(
              "update "
                  + table
                  + " set copied = true where resource_type = 'sandbox' and resource_id = ?",
              sandbox);
    }
  }

  /** Removes whatever is bound to a sandbox or a workspace itself. */
  static void deleteOf(Tx tx, Bound gone) {
    for (String table : BOUND) {
      tx.sql()
          .execute(
              "delete from " + table + " where resource_type = ? and resource_id = ?",
              gone.kind().wire(),
              gone.id());
    }
  }

  /**
   * Removes what is bound to sandboxes themselves that were destroyed before this long.
   *
   * @return those that had something
   */
  static Set<String> sweep(Tx tx, Duration ago) {
    Set<String> gone = new HashSet<>();
    for (String table : BOUND) {
      tx.sql()
          .fetch(
              "delete from "
                  + table
                  + " e using sandboxes s where e.resource_type = 'sandbox'"
                  + " and s.id = e.resource_id and s.state = 'destroyed'"
                  + " and s.destroyed_at <= now() - make_interval(secs => ?) returning s.id",
              ago.toSeconds())
          .forEach(row -> gone.add(row.get(0, String.class)));
    }
    return gone;
  }

  static void insert(Tx tx, Rule rule) {
    tx.sql()
        .execute(
            """
            insert into egress_rules (id, org, policy_id, resource_type, resource_id, effect, host,
              methods, path_glob, note, external_user_id, created_at, ports, position)
            values (?, ?, ?, ?, ?, ?, ?, cast(? as text[]), ?, ?, ?, cast(? as timestamptz),
              cast(? as int[]), ?)\
            """,
            rule.id(),
            rule.org().value(),
            rule.policyId(),
            rule.bound().kind().wire(),
            rule.bound().id(),
            rule.allow() ? "allow" : "deny",
            rule.host(),
            rule.methods().toArray(String[]::new),
            rule.pathGlob(),
            rule.note(),
            rule.externalUserId(),
            rule.createdAt(),
            rule.ports().toArray(Integer[]::new),
            rule.position());
  }

  static void deleteRulesOf(Tx tx, String policy) {
    tx.sql().execute("delete from egress_rules where policy_id = ?", policy);
  }

  static boolean deleteRule(Tx tx, String id) {
    return tx.sql().execute("delete from egress_rules where id = ?", id) == 1;
  }

  private static Policy policy(Record row) {
    return new Policy(
        row.get("id", String.class),
        new OrganizationId(row.get("org", String.class)),
        row.get("name", String.class),
        row.get("description", String.class),
        row.get("mode", String.class).equals("enforce"),
        row.get("default_effect", String.class).equals("allow"),
        bound(row),
        row.get("external_user_id", String.class),
        row.get("version", Long.class),
        row.get("created_at", OffsetDateTime.class),
        row.get("updated_at", OffsetDateTime.class));
  }

  private static Rule rule(Record row) {
    String @Nullable [] methods = row.get("methods", String[].class);
    return new Rule(
        row.get("id", String.class),
        new OrganizationId(row.get("org", String.class)),
        row.get("policy_id", String.class),
        bound(row),
        row.get("effect", String.class).equals("allow"),
        row.get("host", String.class),
        methods == null ? List.of() : List.copyOf(Arrays.asList(methods)),
        row.get("path_glob", String.class),
        row.get("note", String.class),
        row.get("external_user_id", String.class),
        row.get("created_at", OffsetDateTime.class),
        List.of(row.get("ports", Integer[].class)),
        row.get("position", Integer.class));
  }

  private static Bound bound(Record row) {
    return Bound.stored(
        row.get("resource_type", String.class), row.get("resource_id", String.class));
  }
}
