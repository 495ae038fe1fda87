package com.atoll.server.drains;

import com.atoll.server.store.Tx;
import java.util.List;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** The rows of log drains. */
final class DrainTable {
  private static final String SELECT =
      """
      select d.*, e.slug as environment, e.is_default
      from log_drains d join project_environments e on e.id = d.environment_id\
      """;

  private DrainTable() {}

  static List<Drain> of(Tx tx, String environment) {
    return tx.sql()
        .fetch(SELECT + " where d.environment_id = ? order by d.id desc", environment)
        .map(Drain::of);
  }

  /** A drain of an environment; locked, so that its version rises in the order of its changes. */
  static @Nullable Drain locked(Tx tx, String environment, String id) {
    Record row =
        tx.sql()
            .fetchOne(
                SELECT + " where d.environment_id = ? and d.id = ? for update of d",
                environment,
                id);
    return row == null ? null : Drain.of(row);
  }

  static @Nullable Drain find(Tx tx, String id) {
    Record row = tx.sql().fetchOne(SELECT + " where d.id = ?", id);
    return row == null ? null : Drain.of(row);
  }

  /** Every active one, of all organizations. */
  static List<Drain> active(Tx tx) {
    return tx.sql().fetch(SELECT + " where d.state = 'active' order by d.id").map(Drain::of);
  }

  /** Takes those that have something to send and are due, for longer than an attempt lasts. */
  static List<String> claim(Tx tx) {
    return tx.sql()
        .fetch(
            """
            update log_drains set next_at = now() + interval '20 seconds' where id in (
              select id from log_drains d where state = 'active' and next_at <= now()
                and exists (select from log_drain_batches b where b.drain_id = d.id)
              order by next_at limit 64 for update skip locked)
            returning id\
            """)
        .map(row -> row.get(0, String.class));
  }

  /** Frees what is claimed and does not wait after a failure. */
  static void release(Tx tx) {
    tx.sql()
        .execute(
            """
            update log_drains set next_at = now()
            where state = 'active' and failures = 0 and next_at > now()\
            """);
  }

  static void insert(Tx tx, Drain drain) {
    tx.sql()
        .execute(
            """
            insert into log_drains (id, org, project_id, environment_id, name, kind, format, url,
              sources, headers, secret, secret_preview)
            values (?, ?, ?, ?, ?, ?, ?, ?, cast(? as text[]), ?, ?, ?)\
            """,
            drain.id(),
            drain.org().value(),
            drain.projectId(),
            drain.environmentId(),
            drain.name(),
            drain.kind().wire(),
            drain.format().wire(),
            drain.url(),
            drain.sources().toArray(String[]::new),
            drain.headers(),
            drain.secret(),
            drain.secretPreview());
  }

  static long pendingLines(Tx tx, String id) {
    return tx.sql()
        .fetchSingle("select coalesce(sum(lines), 0) from log_drain_batches where drain_id = ?", id)
        .get(0, Long.class);
  }

  static long pendingBytes(Tx tx, String id) {
    return tx.sql()
        .fetchSingle("select coalesce(sum(bytes), 0) from log_drain_batches where drain_id = ?", id)
        .get(0, Long.class);
  }

  /** Forgets how far sources were read that will never write again. */
  static void sweep(Tx tx) {
    tx.sql()
        .execute(
            """
            delete from log_drain_cursors c where
              (kind = 'sandbox' and not exists
                (select from sandboxes s where s.id = c.source and s.state <> 'destroyed'))
              or (kind = 'deployment' and not exists
                (select from deployment_instances i where i.id = c.source))
              or (kind = 'build' and not exists
                (select from deployment_versions v where v.id = c.source))\
            """);
  }
}
