package com.atoll.server.egress;

import com.atoll.model.Ids;
import com.atoll.model.OrganizationId;
import com.atoll.server.egress.AuditApi.AuditView;
import com.atoll.server.routes.RouteRequests.EgressCall;
import com.atoll.server.store.Event;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** What became of calls out, written down in batches, and told to whoever follows. */
final class AuditLog {
  private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What the ids of its rows begin with. */
  static final String ID = "ega";

  /**
   * The sandbox says whose it is; a call of a sandbox that nobody knows is nobody's. No two rows
   * have the same {@code inserted_at}, and none has an earlier one than a row that could be read
   * before it, also when the clock is set back: who asks for what came after a row misses nothing.
   */
  private static final String INSERT =
      """
      with e as (select * from jsonb_to_recordset(cast(? as jsonb)) as e(
        id text, sandbox_id text, action text, effect text, protocol text, host text, method text,
        path text, status int, reason text, policy_id text, rule_id text, unlogged bigint,
        port int, at timestamptz)),
      base as (select greatest(clock_timestamp(), (select inserted_at + interval '1 microsecond'
        from egress_audit order by inserted_at desc limit 1)) as at)
      insert into egress_audit (id, org, resource_type, resource_id, workspace_id, action, effect,
        protocol, host, method, path, status_code, reason, policy_id, rule_id,
        external_workspace_id, external_user_id, unlogged, port, at, inserted_at)
      select e.id, s.org, 'sandbox', s.id, s.workspace_id, e.action, e.effect, e.protocol, e.host,
        e.method, e.path, e.status, e.reason, e.policy_id, e.rule_id, s.external_workspace_id,
        s.external_user_id, e.unlogged, e.port, least(e.at, now()),
        base.at + (row_number() over (order by e.id) - 1) * interval '1 microsecond'
      from e join sandboxes s on s.id = e.sandbox_id cross join base
      returning *\
      """;

  private final Store store;
  private final List<Consumer<AuditView>> followers = new CopyOnWriteArrayList<>();

  AuditLog(Store store) {
    this.store = store;
  }

  /** Hears of what is written from now on; the runnable ends that. */
  Runnable follow(Consumer<AuditView> follower) {
    followers.add(follower);
    return () -> followers.remove(follower);
  }

  /** One batch after another, so that ids rise as rows appear. */
  synchronized void write(List<EgressCall> calls) {
    if (calls.isEmpty()) {
      return;
    }
    List<Map<String, Object>> rows = new ArrayList<>();
    for (EgressCall call : calls) {
      rows.add(row(call));
    }
    try {
      List<AuditView> written =
          store.system(tx -> {
            // Another server of the same database begins after what this one has committed.
            tx.sql().execute("select pg_advisory_xact_lock(hashtextextended('egress_audit', 204))");
            List<AuditView> views =
                tx.sql().fetch(INSERT, JSON.writeValueAsString(rows)).stream()
                    .map(AuditView::read)
                    .sorted(Comparator.comparing(AuditView::id))
                    .toList();
            tell(tx, views);
            return views;
          });
      for (AuditView view : written) {
        followers.forEach(follower -> follower.accept(view));
      }
    } catch (RuntimeException lost) {
      LOG.warn("{} calls of sandboxes were not written down.", calls.size(), lost);
    }
  }

  private static Map<String, Object> row(EgressCall call) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("id", Ids.next(ID));
    row.put("sandbox_id", call.sandboxId());
    row.put("action", call.action());
    row.put("effect", call.effect());
    row.put("protocol", call.protocol());
    row.put("host", call.host());
    put(row, "method", call.method());
    put(row, "path", call.path());
    if (call.status() > 0) {
      row.put("status", call.status());
    }
    put(row, "reason", call.reason());
    put(row, "policy_id", call.policyId());
    put(row, "rule_id", call.ruleId());
    row.put("unlogged", call.unlogged());
    if (call.port() > 0) {
      row.put("port", call.port());
    }
    row.put("at", Instant.ofEpochMilli(call.atUnixMs()).toString());
    return row;
  }

  private static void put(Map<String, Object> row, String name, String value) {
    if (!value.isEmpty()) {
      row.put(name, value);
    }
  }

  /** A refused host is an event, once a batch. */
  private static void tell(Tx tx, List<AuditView> views) {
    Set<String> told = new HashSet<>();
    for (AuditView view : views) {
      if (view.action().equals("deny") && told.add(view.resourceId() + ' ' + view.host())) {
        tx.event(
            new OrganizationId(view.tenantId()),
            new Event(
                "egress.denied",
                "egress_audit",
                view.id(),
                1,
                view.workspaceId(),
                null,
                view.externalWorkspaceId(),
                view.externalUserId(),
                null,
                Map.of("sandbox_id", view.resourceId(), "host", view.host())));
      }
    }
  }

  void sweep() {
    store.executeSystem(tx ->
        tx.sql()
            .execute("delete from egress_audit where inserted_at < now() - interval '30 days'"));
  }
}
