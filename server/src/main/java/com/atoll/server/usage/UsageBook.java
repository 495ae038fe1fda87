package com.atoll.server.usage;

import com.atoll.model.OrganizationId;
import com.atoll.server.billing.Ledger;
import com.atoll.server.store.Tx;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where use is written down: records by hour, sums of them by day and by month, budgets and the
 * ledger, all at once. What is added to a record belongs to the record's owner, in the sums too.
 */
public final class UsageBook {
  private static final String WRITE =
      """
      with lines as (
        select * from unnest(cast(? as text[]), cast(? as text[]), cast(? as text[]), cast(? as text[]),
          cast(? as text[]), cast(? as text[]), cast(? as text[]), cast(? as text[]), cast(? as text[]),
          cast(? as bigint[]), cast(? as bigint[]))
        as l (kind, resource_id, dimension, workspace_id, project_id, external_workspace_id,
          external_user_id, external_project_id, run_id, quantity, cost_micros)
      ), kept as (
        insert into usage_records as r (org, hour, kind, resource_id, dimension, workspace_id, project_id,
          external_workspace_id, external_user_id, external_project_id, run_id, quantity, cost_micros)
        select ?, cast(? as timestamptz), min(kind), resource_id, dimension, min(workspace_id),
          min(project_id), min(external_workspace_id), min(external_user_id), min(external_project_id),
          min(run_id), sum(quantity), sum(cost_micros)
        from lines group by resource_id, dimension order by resource_id, dimension
        on conflict (resource_id, dimension, hour) do update set
          quantity = r.quantity + excluded.quantity, cost_micros = r.cost_micros + excluded.cost_micros
        returning r.dimension, r.workspace_id, r.project_id, r.external_workspace_id, r.external_user_id,
          r.external_project_id, new.quantity - coalesce(old.quantity, 0) as quantity,
          new.cost_micros - coalesce(old.cost_micros, 0) as cost
      ), owned as (
        select dimension, coalesce(workspace_id, '') as workspace, coalesce(project_id, '') as project,
          coalesce(external_workspace_id, '') as external_workspace,
          coalesce(external_user_id, '') as external_user,
          coalesce(external_project_id, '') as external_project, sum(quantity) as quantity,
          sum(cost) as cost
        from kept group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6
      ), daily as (
        insert into usage_days as d (org, day, dimension, workspace_id, project_id, external_workspace_id,
          external_user_id, external_project_id, quantity, cost_micros)
        select ?, cast(? as date), l.* from owned l
        on conflict (org, day, dimension, workspace_id, project_id, external_workspace_id, external_user_id,
          external_project_id) do update set
          quantity = d.quantity + excluded.quantity, cost_micros = d.cost_micros + excluded.cost_micros
      ), places as (
        insert into usage_place_days as p (org, day, dimension, workspace_id, project_id, quantity, cost_micros)
        select ?, cast(? as date), dimension, workspace, project, sum(quantity), sum(cost)
        from owned group by dimension, workspace, project order by dimension, workspace, project
        on conflict (org, day, dimension, workspace_id, project_id) do update set
          quantity = p.quantity + excluded.quantity, cost_micros = p.cost_micros + excluded.cost_micros
      )
      insert into usage_months as m (org, month, dimension, workspace_id, project_id, external_workspace_id,
        external_user_id, external_project_id, quantity, cost_micros)
      select ?, cast(? as date), l.* from owned l
      on conflict (org, month, dimension, workspace_id, project_id, external_workspace_id, external_user_id,
        external_project_id) do update set
        quantity = m.quantity + excluded.quantity, cost_micros = m.cost_micros + excluded.cost_micros\
      """;

  /** Hears of what was spent, in the transaction that writes it down. */
  @FunctionalInterface
  public interface Listener {
    /** Takes it in. */
    void spent(Tx tx, OrganizationId org, List<UsageEvent> events);
  }

  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final InstantSource clock;

  /** A book that writes down when it is. */
  public UsageBook() {
    this(InstantSource.system());
  }

  UsageBook(InstantSource clock) {
    this.clock = clock;
  }

  /** Has this hear of all use. */
  public void onSpent(Listener listener) {
    listeners.add(listener);
  }

  /**
   * Writes use down, in the caller's transaction of the system: together with its cause, or not.
   */
  public void write(Tx tx, OrganizationId org, List<UsageEvent> events) {
    if (events.isEmpty()) {
      return;
    }
    OffsetDateTime now = clock.instant().atOffset(ZoneOffset.UTC);
    tx.sql()
        .execute(
            WRITE,
            texts(events, UsageEvent::kind),
            texts(events, UsageEvent::resourceId),
            texts(events, event -> event.dimension().wire()),
            texts(events, UsageEvent::workspaceId),
            texts(events, UsageEvent::projectId),
            texts(events, UsageEvent::externalWorkspaceId),
            texts(events, UsageEvent::externalUserId),
            texts(events, UsageEvent::externalProjectId),
            texts(events, UsageEvent::runId),
            events.stream().map(UsageEvent::quantity).toArray(Long[]::new),
            events.stream().map(UsageEvent::costMicros).toArray(Long[]::new),
            org.value(),
            now.truncatedTo(ChronoUnit.HOURS),
            org.value(),
            now.toLocalDate(),
            org.value(),
            now.toLocalDate(),
            org.value(),
            now.toLocalDate().withDayOfMonth(1));
    Ledger.charge(tx, org, events.stream().mapToLong(UsageEvent::costMicros).sum());
    listeners.forEach(listener -> listener.spent(tx, org, events));
  }

  private static @Nullable String[] texts(
      List<UsageEvent> events, Function<UsageEvent, @Nullable String> column) {
    @Nullable String[] texts = new @Nullable String[events.size()];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = column.apply(events.get(i));
    }
    return texts;
  }
}
