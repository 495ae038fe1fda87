package com.atoll.server.bulk;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.policies.PolicySetter.Tier;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** The rows of jobs and their items. */
final class JobTable {
  private static final int MOST_ERRORS = 100;
  private static final int KEPT_DAYS = 30;
  private static final String SELECT =
      """
      select j.id, j.org, j.action, j.status, j.tier, cast(j.policy as text) as policy,
        j.created_by, j.external_user_id, j.total, j.created_at, j.updated_at, j.finished_at,
        c.succeeded, c.failed
      from bulk_jobs j cross join lateral (
        select count(*) filter (where i.status = 'completed') as succeeded,
          count(*) filter (where i.status = 'failed') as failed
        from bulk_job_items i where i.job_id = j.id) c\
      """;

  private JobTable() {}

  static void insert(Tx tx, String id, Principal by, Job.Wish wish) {
    Tier tier = wish.tier();
    tx.sql()
        .execute(
            """
            insert into bulk_jobs (id, org, action, status, tier, policy, created_by, workspace_id,
              external_user_id, total)
            values (?, ?, ?, 'queued', ?, cast(? as jsonb), ?, ?, ?, ?)\
            """,
            id,
            tx.org().value(),
            wish.action().wire(),
            tier == null ? null : tier.wire(),
            wish.policy(),
            by.actor(),
            by.workspace(),
            by.externalUser(),
            wish.subjects().size());
    tx.sql()
        .execute(
            """
            insert into bulk_job_items (job_id, number, org, subject, status)
            select ?, s.number, ?, s.subject, 'pending'
            from unnest(cast(? as text[])) with ordinality s (subject, number)\
            """,
            id,
            tx.org().value(),
            wish.subjects().toArray(String[]::new));
    tx.sql()
        .execute(
            """
            update bulk_job_items i set status = 'failed', error_code = m.code,
              error_message = m.message
            from unnest(cast(? as text[]), cast(? as text[]), cast(? as text[]))
              m (subject, code, message)
            where i.job_id = ? and i.subject = m.subject\
            """,
            texts(wish.missing(), Job.Refusal::subject),
            texts(wish.missing(), Job.Refusal::code),
            texts(wish.missing(), Job.Refusal::message),
            id);
  }

  private static String[] texts(List<Job.Refusal> of, Function<Job.Refusal, String> part) {
    return of.stream().map(part).toArray(String[]::new);
  }

  /** How many jobs of the organization are not over. */
  static int open(Tx tx) {
    return tx.sql()
        .fetchSingle(
            "select count(*) from bulk_jobs where org = ? and finished_at is null",
            tx.org().value())
        .get(0, Integer.class);
  }

  static Optional<Job> find(Tx tx, String id) {
    Record row = tx.sql().fetchOne(SELECT + " where j.id = ?", id);
    return row == null ? Optional.empty() : Optional.of(read(row, errors(tx, id)));
  }

  /** Those that are not over, for a transaction of the system. */
  static List<Job> unfinished(Tx tx) {
    return tx.sql()
        .fetch(SELECT + " where j.finished_at is null order by j.id")
        .map(row -> read(row, List.of()));
  }

  private static List<JobFailure> errors(Tx tx, String id) {
    return tx.sql()
        .fetch(
            """
            select subject, error_code, error_message from bulk_job_items
            where job_id = ? and status = 'failed' order by number limit ?\
            """,
            id,
            MOST_ERRORS)
        .map(row ->
            new JobFailure(
                row.get("subject", String.class),
                row.get("error_code", String.class),
                row.get("error_message", String.class)));
  }

  /** Says that it is being worked on. */
  static void begin(Tx tx, String id) {
    tx.sql()
        .execute(
            """
            update bulk_jobs set status = 'running', updated_at = now()
            where id = ? and status = 'queued'\
            """,
            id);
  }

  static List<Job.Pending> pending(Tx tx, String id) {
    return tx.sql()
        .fetch(
            """
            select number, subject from bulk_job_items where job_id = ? and status = 'pending'
            order by number\
            """,
            id)
        .map(row -> new Job.Pending(row.get(0, Integer.class), row.get(1, String.class)));
  }

  /** Whether an item is still to be done: another server of the same database may have done it. */
  static boolean isPending(Tx tx, String id, int number) {
    return tx.sql()
            .fetchOne(
                """
                select 1 from bulk_job_items
                where job_id = ? and number = ? and status = 'pending'\
                """,
                id,
                number)
        != null;
  }

  static void done(Tx tx, String id, int number) {
    tx.sql()
        .execute(
            """
            update bulk_job_items set status = 'completed'
            where job_id = ? and number = ? and status = 'pending'\
            """,
            id,
            number);
  }

  static void fail(Tx tx, String id, int number, String code, String message) {
    tx.sql()
        .execute(
            """
            update bulk_job_items set status = 'failed', error_code = ?, error_message = ?
            where job_id = ? and number = ? and status = 'pending'\
            """,
            code,
            message,
            id,
            number);
  }

  /** Ends a job of which each item was tried; true for the one who ended it. */
  static boolean complete(Tx tx, String id) {
    return tx.sql()
            .execute(
                """
                update bulk_jobs j set version = version + 1, updated_at = now(),
                  finished_at = now(),
                  status = case when total = 0 or exists (
                    select from bulk_job_items i
                    where i.job_id = j.id and i.status = 'completed') then 'completed'
                    else 'failed' end
                where id = ? and finished_at is null and not exists (
                  select from bulk_job_items i
                  where i.job_id = j.id and i.status = 'pending')\
                """,
                id)
        == 1;
  }

  static Page<JobItem> items(Tx tx, Job job, Paging paging) {
    int after = paging.after() == null ? 0 : number(paging.after());
    List<JobItem> oneMore =
        tx.sql()
            .fetch(
                """
                select number, subject, status, error_code, error_message from bulk_job_items
                where job_id = ? and number > ? order by number limit ? offset ?\
                """,
                job.id(),
                after,
                paging.limit() + 1,
                paging.offset())
            .map(row ->
                new JobItem(
                    row.get("number", Integer.class),
                    row.get("subject", String.class),
                    row.get("status", String.class),
                    row.get("error_code", String.class),
                    row.get("error_message", String.class)));
    return Page.of(oneMore, paging, job.view().total(), item -> Integer.toString(item.index()));
  }

  private static int number(String cursor) {
    try {
      return Integer.parseInt(cursor);
    } catch (NumberFormatException e) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "cursor");
    }
  }

  /** Forgets what ended long ago, in a transaction of the system. */
  static void sweep(Tx tx) {
    tx.sql()
        .execute(
            "delete from bulk_jobs where finished_at < now() - make_interval(days => ?)",
            KEPT_DAYS);
  }

  private static Job read(Record row, List<JobFailure> errors) {
    String id = row.get("id", String.class);
    String tier = row.get("tier", String.class);
    int succeeded = row.get("succeeded", Integer.class);
    int failed = row.get("failed", Integer.class);
    OffsetDateTime finished = row.get("finished_at", OffsetDateTime.class);
    Action action = Action.of(row.get("action", String.class));
    return new Job(
        id,
        new OrganizationId(row.get("org", String.class)),
        action,
        tier(tier),
        row.get("policy", String.class),
        row.get("created_by", String.class),
        row.get("external_user_id", String.class),
        new JobView(
            id,
            id,
            action.wire(),
            tier,
            row.get("status", String.class),
            row.get("total", Integer.class),
            succeeded + failed,
            succeeded,
            failed,
            errors,
            time(row, "created_at"),
            time(row, "updated_at"),
            finished == null ? null : finished.toInstant()));
  }

  private static @Nullable Tier tier(@Nullable String wire) {
    return wire == null ? null : Tier.valueOf(wire.toUpperCase(Locale.ROOT));
  }

  private static Instant time(Record row, String column) {
    return row.get(column, OffsetDateTime.class).toInstant();
  }
}
