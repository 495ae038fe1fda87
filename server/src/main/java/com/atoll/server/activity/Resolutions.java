package com.atoll.server.activity;

import com.atoll.server.events.Position;
import com.atoll.server.events.StoredEvent;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jooq.Condition;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * How alerts end: somebody says so, or a later event of the same resource does, or the month is
 * over whose budget an alert is about. Only the first is kept; the others the log tells.
 */
final class Resolutions {
  /** Which later event of a resource says that the cause of an alert is gone. */
  private static final String ENDS =
      """
      (events.type, later.type) in (
        ('sandbox.error', 'sandbox.resumed'), ('sandbox.error', 'sandbox.destroyed'),
        ('sandbox.snapshot.failed', 'sandbox.snapshot.deleted'),
        ('sandbox.snapshot.archive_failed', 'sandbox.snapshot.archived'),
        ('sandbox.snapshot.archive_failed', 'sandbox.snapshot.deleted'),
        ('sandbox.snapshot.restore_failed', 'sandbox.snapshot.restored'),
        ('sandbox.snapshot.restore_failed', 'sandbox.snapshot.deleted'),
        ('deployment.failed', 'deployment.deleted'), ('deployment.build_failed', 'deployment.deleted'),
        ('deployment.domain_failed', 'deployment.domain_verified'),
        ('deployment.domain_failed', 'deployment.domain_detached'),
        ('deployment.domain_failed', 'deployment.deleted'),
        ('custom_domain.failed', 'custom_domain.verified'),
        ('volume.error', 'volume.deleted'),
        ('health_check.unhealthy', 'health_check.healthy'),
        ('health_check.unhealthy', 'health_check.deleted'),
        ('webhook.failing', 'webhook.recovered'), ('webhook.failing', 'webhook.disabled'),
        ('webhook.failing', 'webhook.deleted'), ('webhook.disabled', 'webhook.deleted'),
        ('log_drain.disabled', 'log_drain.deleted'),
        ('budget.threshold_reached', 'budget.recovered'), ('budget.threshold_reached', 'budget.deleted'),
        ('budget.cap_reached', 'budget.recovered'), ('budget.cap_reached', 'budget.deleted'),
        ('billing.credits_low', 'billing.cap_reached'), ('billing.credits_low', 'billing.credits_restored'),
        ('billing.cap_reached', 'billing.credits_restored'))
      or events.type = 'webhook.disabled' and later.type = 'webhook.updated' and later.data @> '{"active": true}'
      or events.type = 'log_drain.disabled' and later.type = 'log_drain.updated'
        and later.data @> '{"state": "active"}'\
      """;

  private static final String LATER =
      """
      from events later where later.org = events.org and later.resource_id = events.resource_id
        and (later.epoch, later.xid, later.seq) > (events.epoch, events.xid, events.seq) and (%s)\
      """
          .formatted(ENDS);

  /** An alert of a month that is over: the next begins with nothing spent. */
  private static final String MONTH_IS_OVER =
      """
      (starts_with(events.type, 'budget.') and events.data @> '{"period": "month"}'
        and events.at < date_trunc('month', now(), 'UTC'))\
      """;

  private static final String RESOLVED =
      """
      (exists (select from alert_resolutions r where r.org = events.org
          and (r.epoch, r.xid, r.seq) = (events.epoch, events.xid, events.seq))
        or exists (select %s) or %s)\
      """
          .formatted(LATER, MONTH_IS_OVER);

  private static final String HOW =
      """
      select events.epoch, cast(cast(events.xid as text) as bigint) as xid, events.seq,
        r.resolved_at, r.resolved_by, r.note, l.type as ended_by, l.at as ended_at,
        %s as month_is_over, date_trunc('month', events.at, 'UTC') + interval '1 month' as month_end
      from events
      left join alert_resolutions r on r.org = events.org
        and (r.epoch, r.xid, r.seq) = (events.epoch, events.xid, events.seq)
      left join lateral (select later.type, later.at %s order by later.epoch, later.xid, later.seq limit 1) l
        on true
      where (events.epoch, events.xid, events.seq) in (
        select epoch, cast(cast(xid as text) as xid8), seq
        from unnest(cast(? as int[]), cast(? as bigint[]), cast(? as bigint[])) as p (epoch, xid, seq))\
      """
          .formatted(MONTH_IS_OVER, LATER);

  /**
   * How an alert ended.
   *
   * @param by the key of who said so; null when it ended by itself
   * @param note what was done, or what ended it
   */
  record Resolution(Instant at, @Nullable String by, @Nullable String note) {}

  private Resolutions() {}

  /** That an alert has ended, or that it has not. */
  static Condition is(boolean resolved) {
    return DSL.condition((resolved ? "" : "not ") + RESOLVED);
  }

  /** How these alerts ended, as far as they did. */
  static Map<Position, Resolution> of(Tx tx, List<StoredEvent> alerts) {
    Map<Position, Resolution> found = new HashMap<>();
    if (alerts.isEmpty()) {
      return found;
    }
    for (Record row :
        tx.sql()
            .fetch(
                HOW,
                places(alerts, Position::epoch).toArray(Integer[]::new),
                places(alerts, Position::xid).toArray(Long[]::new),
                places(alerts, Position::seq).toArray(Long[]::new))) {
      Resolution how = how(row);
      if (how != null) {
        found.put(
            new Position(
                row.get("epoch", Integer.class),
                row.get("xid", Long.class),
                row.get("seq", Long.class)),
            how);
      }
    }
    return found;
  }

  private static <T> List<T> places(List<StoredEvent> alerts, Function<Position, T> part) {
    return alerts.stream().map(StoredEvent::position).map(part).toList();
  }

  private static @Nullable Resolution how(Record row) {
    OffsetDateTime said = row.get("resolved_at", OffsetDateTime.class);
    if (said != null) {
      return new Resolution(
          said.toInstant(), row.get("resolved_by", String.class), row.get("note", String.class));
    }
    OffsetDateTime ended = row.get("ended_at", OffsetDateTime.class);
    if (ended != null) {
      return new Resolution(ended.toInstant(), null, row.get("ended_by", String.class));
    }
    return row.get("month_is_over", Boolean.class)
        ? new Resolution(
            row.get("month_end", OffsetDateTime.class).toInstant(), null, "the month is over")
        : null;
  }

  /** Keeps that somebody dealt with an alert; the first to say so is believed. */
  static void resolve(Tx tx, Position alert, @Nullable String note, String key) {
    tx.sql()
        .execute(
            """
            insert into alert_resolutions (org, epoch, xid, seq, note, resolved_by)
            values (?, ?, cast(cast(? as text) as xid8), ?, ?, ?) on conflict do nothing\
            """,
            tx.org().value(),
            alert.epoch(),
            alert.xid(),
            alert.seq(),
            note,
            key);
  }
}
