package com.atoll.server.budgets;

import com.atoll.model.OrganizationId;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.store.Tx;
import com.atoll.server.usage.UsageEvent;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Which member of an organization uses what: a sandbox is whose login or key made it. */
final class MemberUse {
  private MemberUse() {}

  /** The member whose the sandbox is, also while it is being made; null when no member's. */
  static @Nullable String of(Tx tx, Sandbox sandbox) {
    Record row =
        tx.sql()
            .fetchSingle(
                """
                select coalesce((select member_id from sandboxes where id = ?),
                  (select user_id from api_keys where id = ?))\
                """,
                sandbox.id(),
                sandbox.owner().keyId());
    return row.get(0, String.class);
  }

  /** Members by the sandboxes that were used; nothing when none of them has a budget. */
  static Map<String, String> of(Tx tx, OrganizationId org, List<UsageEvent> events) {
    String any = "select 1 from budgets where org = ? and scope = 'member' limit 1";
    if (tx.sql().fetchOne(any, org.value()) == null) {
      return Map.of();
    }
    Map<String, String> members = new HashMap<>();
    tx.sql()
        .fetch(
            """
            select id, member_id from sandboxes
            where org = ? and member_id is not null and id = any(cast(? as text[]))\
            """,
            org.value(),
            events.stream().map(UsageEvent::resourceId).distinct().toArray(String[]::new))
        .forEach(row -> members.put(row.get(0, String.class), row.get(1, String.class)));
    return members;
  }

  /** What of a member runs. */
  static Set<String> running(Tx tx, OrganizationId org, String member) {
    return new HashSet<>(
        tx.sql()
            .fetch(
                "select id from sandboxes where org = ? and member_id = ? and state = 'running'",
                org.value(),
                member)
            .getValues(0, String.class));
  }

  /** How much of each member runs. */
  static Map<String, Integer> running(Tx tx, OrganizationId org) {
    Map<String, Integer> running = new HashMap<>();
    tx.sql()
        .fetch(
            """
            select member_id, count(*) from sandboxes
            where org = ? and member_id is not null and state = 'running' group by member_id\
            """,
            org.value())
        .forEach(row -> running.put(row.get(0, String.class), row.get(1, Integer.class)));
    return running;
  }

  /** What each member has spent since then, in millionths of a credit. */
  static Map<String, Long> spent(Tx tx, OrganizationId org, LocalDate since) {
    Map<String, Long> spent = new HashMap<>();
    tx.sql()
        .fetch(
            """
            select s.member_id, sum(r.cost_micros) from sandboxes s
              join usage_records r on r.resource_id = s.id and r.org = s.org
            where s.org = ? and s.member_id is not null and r.hour >= cast(? as date)
            group by s.member_id\
            """,
            org.value(),
            since)
        .forEach(row -> spent.put(row.get(0, String.class), row.get(1, Long.class)));
    return spent;
  }
}
