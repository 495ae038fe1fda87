package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** The rows of batches and their items. */
final class BatchTable {
  private static final String SELECT =
      """
      select b.*, c.completed, c.failed, c.pending, c.running from sandbox_batches b
      cross join lateral (
        select count(*) filter (where i.status = 'completed') as completed,
          count(*) filter (where i.status = 'failed') as failed,
          count(*) filter (where i.status = 'pending') as pending,
          count(*) filter (where s.state = 'running') as running
        from sandbox_batch_items i left join sandboxes s on s.id = i.sandbox_id
        where i.batch_id = b.id) c\
      """;

  private BatchTable() {}

  static void insert(
      Tx tx,
      String id,
      int requested,
      int concurrency,
      String templateId,
      byte[] request,
      Sandbox.Owner owner) {
    tx.sql()
        .execute(
            """
            insert into sandbox_batches (id, org, status, requested, concurrency, template_id,
              request, workspace_id, external_user_id)
            values (?, ?, 'running', ?, ?, ?, ?, ?, ?)\
            """,
            id,
            tx.org().value(),
            requested,
            concurrency,
            templateId,
            request,
            owner.workspaceId(),
            owner.externalUserId());
    tx.sql()
        .execute(
            """
            insert into sandbox_batch_items (batch_id, number, org, status)
            select ?, number, ?, 'pending' from generate_series(1, cast(? as int)) number\
            """,
            id,
            tx.org().value(),
            requested);
  }

  static Optional<Batch> find(Tx tx, String id) {
    Record row = tx.sql().fetchOne(SELECT + " where b.id = ?", id);
    return row == null ? Optional.empty() : Optional.of(read(row));
  }

  /** Those that are not done, for a transaction of the system. */
  static List<Batch> running(Tx tx) {
    return tx.sql().fetch(SELECT + " where b.status = 'running'").map(BatchTable::read);
  }

  /** What is asked for, sealed; null of one that is over. */
  static byte @Nullable [] request(Tx tx, String id) {
    return tx.sql()
        .fetchSingle("select request from sandbox_batches where id = ?", id)
        .get(0, byte[].class);
  }

  static List<Integer> pending(Tx tx, String id) {
    return tx.sql()
        .fetch(
            """
            select number from sandbox_batch_items where batch_id = ? and status = 'pending'
            order by number\
            """,
            id)
        .map(row -> row.get(0, Integer.class));
  }

  /** An item that is not pending any more: it was cancelled, or somebody else has taken it. */
  static final class NotPendingException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Takes an item for a sandbox, in the transaction that stores it, while it is pending. */
  static void take(Tx tx, String id, int number, String sandboxId) {
    int taken =
        tx.sql()
            .execute(
                """
                update sandbox_batch_items set status = 'completed', sandbox_id = ?
                where batch_id = ? and number = ? and status = 'pending'\
                """,
                sandboxId,
                id,
                number);
    if (taken == 0) {
      throw new NotPendingException();
    }
  }

  /** Puts an item back whose sandbox was taken back; one that may still come to be stays. */
  static void again(Tx tx, String id, int number) {
    tx.sql()
        .execute(
            """
            update sandbox_batch_items i set sandbox_id = null,
              status = case when exists (
                select from sandbox_batches b where b.id = i.batch_id and b.status = 'running')
                then 'pending' else 'cancelled' end
            where batch_id = ? and number = ? and status = 'completed' and not exists (
              select from sandboxes s where s.id = i.sandbox_id and s.state <> 'destroyed')\
            """,
            id,
            number);
  }

  /** Says why there is no such sandbox. */
  static void fail(Tx tx, String id, int number, String code, String message) {
    tx.sql()
        .execute(
            """
            update sandbox_batch_items set status = 'failed', sandbox_id = null, error_code = ?,
              error_message = ?
            where batch_id = ? and number = ? and status in ('pending', 'completed')\
            """,
            code,
            message,
            id,
            number);
  }

  /** Ends a batch of which each item was tried; what it asked for is forgotten. */
  static boolean complete(Tx tx, String id) {
    return tx.sql()
            .execute(
                """
                update sandbox_batches b set request = null, version = version + 1,
                  updated_at = now(),
                  status = case when exists (
                    select from sandbox_batch_items i
                    where i.batch_id = b.id and i.status = 'completed') then 'completed'
                    else 'failed' end
                where id = ? and status = 'running' and not exists (
                  select from sandbox_batch_items i
                  where i.batch_id = b.id and i.status = 'pending')\
                """,
                id)
        == 1;
  }

  /** Ends a batch that runs; the answer says whether it ran. */
  static boolean cancel(Tx tx, String id) {
    int ended =
        tx.sql()
            .execute(
                """
                update sandbox_batches set request = null, version = version + 1,
                  updated_at = now(), status = 'cancelled'
                where id = ? and status = 'running'\
                """,
                id);
    if (ended == 1) {
      tx.sql()
          .execute(
              """
              update sandbox_batch_items set status = 'cancelled'
              where batch_id = ? and status = 'pending'\
              """,
              id);
    }
    return ended == 1;
  }

  static Page<Batch.Item> items(Tx tx, String id, Paging paging) {
    int after = paging.after() == null ? 0 : number(paging.after());
    List<Batch.Item> oneMore =
        tx.sql()
            .fetch(
                """
                select * from sandbox_batch_items where batch_id = ? and number > ?
                order by number limit ? offset ?\
                """,
                id,
                after,
                paging.limit() + 1,
                paging.offset())
            .map(BatchTable::item);
    long total =
        tx.sql()
            .fetchSingle("select count(*) from sandbox_batch_items where batch_id = ?", id)
            .get(0, Long.class);
    return Page.of(oneMore, paging, total, item -> Integer.toString(item.index()));
  }

  private static int number(String cursor) {
    try {
      return Integer.parseInt(cursor);
    } catch (NumberFormatException e) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "cursor");
    }
  }

  private static Batch.Item item(Record row) {
    return new Batch.Item(
        row.get("number", Integer.class),
        row.get("status", String.class),
        row.get("sandbox_id", String.class),
        row.get("error_code", String.class),
        row.get("error_message", String.class));
  }

  private static Batch read(Record row) {
    String id = row.get("id", String.class);
    return new Batch(
        id,
        new OrganizationId(row.get("org", String.class)),
        row.get("workspace_id", String.class),
        row.get("external_user_id", String.class),
        new Batch.View(
            id,
            row.get("status", String.class),
            row.get("requested", Integer.class),
            row.get("completed", Integer.class),
            row.get("failed", Integer.class),
            row.get("pending", Integer.class),
            row.get("running", Integer.class),
            row.get("concurrency", Integer.class),
            row.get("template_id", String.class),
            row.get("created_at", OffsetDateTime.class).toInstant(),
            row.get("updated_at", OffsetDateTime.class).toInstant()));
  }
}
