package com.atoll.server.webhooks;

import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jooq.Condition;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** The rows of deliveries. */
final class DeliveryTable {
  /** How long a claim lasts: longer than an attempt can, shorter than anybody wants to wait. */
  static final int LEASE_SECONDS = 25;

  private static final String COLUMNS =
      """
      d.id, d.org, d.webhook_id, d.subscription_id, d.event_id, d.event_type, d.body, d.state,
      d.most_attempts, d.attempt, d.next_at, d.status_code, d.duration_ms, d.response_body, d.error,
      cast(d.attempts as text) as attempts, d.attempted_at, d.ended_at, d.replay_of, d.workspace_id,
      d.project_id, d.external_workspace_id, d.external_user_id, d.external_project_id, d.created_at
      """;
  private static final String SELECT = "select " + COLUMNS + " from webhook_deliveries d ";
  private static final String LEASE =
      " update webhook_deliveries d set attempt = attempt + 1, attempted_at = now(),"
          + " next_at = now() + interval '"
          + LEASE_SECONDS
          + " seconds' from due where d.id = due.id returning "
          + COLUMNS;

  private DeliveryTable() {}

  /** Makes rows; those that exist already are left out. Answers the ids that are new. */
  static List<String> insert(Tx tx, List<NewDelivery> all) {
    return tx.sql()
        .fetch(
            """
            insert into webhook_deliveries (id, org, webhook_id, subscription_id, event_id, event_type,
              epoch, xid, seq, body, most_attempts, replay_of, replay_id, workspace_id, project_id,
              external_workspace_id, external_user_id, external_project_id)
            select * from unnest(cast(? as text[]), cast(? as text[]), cast(? as text[]), cast(? as text[]),
              cast(? as text[]), cast(? as text[]), cast(? as int[]), cast(? as bigint[]),
              cast(? as bigint[]), cast(? as text[]), cast(? as int[]), cast(? as text[]),
              cast(? as text[]), cast(? as text[]), cast(? as text[]), cast(? as text[]),
              cast(? as text[]), cast(? as text[]))
            on conflict do nothing returning id\
            """,
            texts(all, NewDelivery::id),
            texts(all, n -> n.webhook().org().value()),
            texts(all, n -> n.webhook().id()),
            texts(all, NewDelivery::subscription),
            texts(all, n -> n.event().position().id()),
            texts(all, n -> n.told().type()),
            all.stream().map(n -> n.event().position().epoch()).toArray(Integer[]::new),
            all.stream().map(n -> n.event().position().xid()).toArray(Long[]::new),
            all.stream().map(n -> n.event().position().seq()).toArray(Long[]::new),
            texts(all, NewDelivery::body),
            all.stream().map(n -> n.webhook().retryCount() + 1).toArray(Integer[]::new),
            texts(all, NewDelivery::replayOf),
            texts(all, NewDelivery::replayId),
            texts(all, n -> n.told().workspace()),
            texts(all, n -> n.told().project()),
            texts(all, n -> n.told().externalWorkspace()),
            texts(all, n -> n.told().externalUser()),
            texts(all, n -> n.told().externalProject()))
        .map(row -> row.get(0, String.class));
  }

  private static @Nullable String[] texts(
      List<NewDelivery> all, Function<NewDelivery, @Nullable String> field) {
    return all.stream().map(field).toArray(String[]::new);
  }

  static Optional<Delivery> find(Tx tx, String webhook, String id) {
    return Optional.ofNullable(
            tx.sql().fetchOne(SELECT + "where d.webhook_id = ? and d.id = ?", webhook, id))
        .map(Delivery::read);
  }

  static Optional<Delivery> lock(Tx tx, String id) {
    return Optional.ofNullable(tx.sql().fetchOne(SELECT + "where d.id = ? for update", id))
        .map(Delivery::read);
  }

  static Page<Delivery> page(Tx tx, Condition where, Paging paging) {
    Condition from =
        paging.after() == null ? DSL.noCondition() : DSL.condition("d.id < ?", paging.after());
    List<Delivery> oneMore =
        tx.sql()
            .fetch(
                SELECT + "where {0} and {1} order by d.id desc limit {2} offset {3}",
                where,
                from,
                DSL.val(paging.limit() + 1),
                DSL.val(paging.offset()))
            .map(Delivery::read);
    long total =
        tx.sql()
            .fetchSingle("select count(*) from webhook_deliveries d where {0}", where)
            .get(0, Long.class);
    return Page.of(oneMore, paging, total, Delivery::id);
  }

  /** Takes what is due, at most so many, for the time of a lease. */
  static List<Delivery> claim(Tx tx, String webhook, int most) {
    return tx.sql()
        .fetch(
            """
            with due as (
              select id from webhook_deliveries where webhook_id = ? and state = 'pending' and next_at <= now()
              order by next_at, id limit ? for update skip locked)\
            """
                + LEASE,
            webhook,
            most)
        .map(Delivery::read);
  }

  /** Takes the first that is not done, when it is due: nothing passes it. */
  static List<Delivery> claimFirst(Tx tx, String webhook) {
    return tx.sql()
        .fetch(
            """
            with first as (
              select id, next_at from webhook_deliveries where webhook_id = ? and state = 'pending'
              order by epoch, xid, seq, id limit 1 for update),
            due as (select id from first where next_at <= now())\
            """
                + LEASE,
            webhook)
        .map(Delivery::read);
  }

  /** A row that the caller sends by itself now; when it does not, it is due after a lease. */
  static Delivery insertClaimed(Tx tx, NewDelivery one) {
    var _ = insert(tx, List.of(one));
    return Delivery.read(
        tx.sql()
            .fetchSingle(
                "with due as (select cast(? as text) as id)"
                    + LEASE.replace("next_at = now()", "most_attempts = 1, next_at = now()"),
                one.id()));
  }

  /** Queues a copy; false when the wish was heard before. */
  static boolean copy(Tx tx, String of, String id, int most, @Nullable String wish) {
    return tx.sql()
            .execute(
                """
                insert into webhook_deliveries (id, org, webhook_id, subscription_id, event_id, event_type, epoch,
                  xid, seq, body, most_attempts, replay_of, replay_id, workspace_id, project_id,
                  external_workspace_id, external_user_id, external_project_id)
                select ?, org, webhook_id, subscription_id, event_id, event_type, epoch, xid, seq, body, ?, id, ?,
                  workspace_id, project_id, external_workspace_id, external_user_id, external_project_id
                from webhook_deliveries where id = ? on conflict do nothing\
                """,
                id,
                most,
                wish,
                of)
        > 0;
  }

  /** Those that were given up and match, in the order of the log, at most so many. */
  static List<Delivery> dead(Tx tx, Condition where, int most) {
    return tx.sql()
        .fetch(
            SELECT
                + "where d.state = 'dead' and {0} order by d.epoch, d.xid, d.seq, d.id limit {1} for update",
            where,
            DSL.val(most))
        .map(Delivery::read);
  }

  /** Queues one that was given up once more, from its first attempt on. */
  static void requeue(Tx tx, String id) {
    tx.sql()
        .execute(
            """
            update webhook_deliveries set state = 'pending', attempt = 0, next_at = now(),
              created_at = now(), ended_at = null where id = ? and state = 'dead'\
            """,
            id);
  }

  /** The webhooks that have something to send now. */
  static List<String> due(Tx tx) {
    return tx.sql()
        .fetch(
            """
            select w.id from webhooks w where w.active and exists (select from webhook_deliveries d
              where d.webhook_id = w.id and d.state = 'pending' and d.next_at <= now())\
            """)
        .map(row -> row.get(0, String.class));
  }

  /** Gives up what waited too long for a webhook that is not active. */
  static int expire(Tx tx, OffsetDateTime before, int most) {
    return tx.sql()
        .execute(
            """
            update webhook_deliveries set state = 'dead', ended_at = now(),
              error = coalesce(error, 'the webhook was not active')
            where id in (select d.id from webhook_deliveries d join webhooks w on w.id = d.webhook_id
              where not w.active and d.state = 'pending' and d.created_at < cast(? as timestamptz) limit ?)\
            """,
            before,
            most);
  }

  /** Deletes what ended long ago. */
  static int sweep(Tx tx, OffsetDateTime before, int most) {
    return tx.sql()
        .execute(
            """
            delete from webhook_deliveries where id in (select id from webhook_deliveries
              where ended_at < cast(? as timestamptz) order by ended_at limit ?)\
            """,
            before,
            most);
  }
}
