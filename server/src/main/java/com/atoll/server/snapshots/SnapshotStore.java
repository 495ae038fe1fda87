package com.atoll.server.snapshots;

import com.atoll.model.OrganizationId;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** The rows of snapshots. */
final class SnapshotStore {
  static final String SELECT =
      """
      select n.*, s.name as sandbox_name, s.template_id, p.name as pinned,
      """
          + Archived.COLUMNS
          + """
          from snapshots n join snapshot_sources s on s.id = n.sandbox_id
            left join named_snapshots p on p.snapshot_id = n.id
          """
          + Archived.JOIN;

  /** When a row expires, by what it holds; the earlier of its two ends. */
  private static final String EXPIRY =
      """
      expires_at = case when keep then null else least(
        created_at + make_interval(secs => expiration_sec),
        coalesce(last_used_at, created_at) + make_interval(secs => retention_sec)) end\
      """;

  /** Not those whose time is over, though only the next comparison deletes them. */
  static final String SEEN =
      """
      n.status <> 'deleted' and (n.expires_at is null or n.expires_at >= now()
        or n.status = 'creating' or p.name is not null)\
      """;

  /** A snapshot that is not deleted, also one whose time is over. */
  Optional<Snapshot> find(Tx tx, String id) {
    return one(tx, SELECT + "where n.id = ? and n.status <> 'deleted'", id);
  }

  /** One that callers see: its time is not over. */
  Optional<Snapshot> seen(Tx tx, String id) {
    return one(tx, SELECT + "where n.id = ? and " + SEEN, id);
  }

  /** As {@link #find}, and nobody else changes it until the transaction ends. */
  Optional<Snapshot> lock(Tx tx, String id) {
    // A statement of its own: the name and the copy that are read then were written before the lock
    // was had. Joined to the row that is locked they would be those from before the wait.
    tx.later("select 1 from snapshots where id = ? for update", id);
    return find(tx, id);
  }

  void insert(Tx tx, String id, Sandbox sandbox, Wish wish) {
    Sandbox.Owner owner = sandbox.owner();
    tx.sql()
        .execute(
            """
            insert into snapshots (id, org, sandbox_id, status, comment, keep, expiration_sec,
              retention_sec, memory_wish, workspace_id, project_id, external_workspace_id,
              external_user_id, external_project_id)
            values (?, ?, ?, 'creating', ?, ?, ?, ?, cast(? as boolean), ?, ?, ?, ?, ?)\
            """,
            id,
            tx.org().value(),
            sandbox.id(),
            wish.comment(),
            wish.keep(),
            wish.expirationSec(),
            wish.retentionSec(),
            wish.memory(),
            owner.workspaceId(),
            owner.projectId(),
            owner.externalWorkspaceId(),
            owner.externalUserId(),
            owner.externalProjectId());
    tx.sql().execute("update snapshots set " + EXPIRY + " where id = ?", id);
  }

  /** Whether processes were to be kept in it; null: when they can be. */
  @Nullable Boolean memoryWish(Tx tx, String id) {
    Record row = tx.sql().fetchOne("select memory_wish from snapshots where id = ?", id);
    return row == null ? null : row.get(0, Boolean.class);
  }

  /** Makes one ready that is being taken; false when it is not any more. */
  boolean ready(Tx tx, String id, @Nullable Long size, long pauseMicros, @Nullable Long memory) {
    return tx.sql()
            .execute(
                """
                update snapshots set status = 'ready', version = version + 1, updated_at = now(),
                  size_bytes = cast(? as bigint), pause_micros = cast(? as bigint),
                  memory_bytes = cast(? as bigint)
                where id = ? and status = 'creating'\
                """,
                size,
                pauseMicros,
                memory,
                id)
        == 1;
  }

  /** One that did not come about or was lost: told for a day, and without its name. */
  boolean failed(Tx tx, String id, String why) {
    int changed =
        tx.sql()
            .execute(
                """
                update snapshots set status = 'failed', version = version + 1, updated_at = now(),
                  error = ?, expires_at = now() + interval '1 day'
                where id = ? and status in ('creating', 'ready')\
                """,
                why,
                id);
    if (changed == 1) {
      tx.sql().execute("delete from named_snapshots where snapshot_id = ?", id);
      // A retry of the call that began it takes another one.
      tx.sql().execute("delete from idempotency where resource = ?", id);
    }
    return changed == 1;
  }

  /** Its processes are given up; its files stay. */
  void withoutMemory(Tx tx, String id) {
    tx.sql()
        .execute(
            """
            update snapshots set size_bytes = size_bytes - memory_bytes, memory_bytes = null,
              version = version + 1, updated_at = now()
            where id = ? and memory_bytes is not null\
            """,
            id);
  }

  void deleted(Tx tx, String id) {
    tx.sql()
        .execute(
            """
            update snapshots set status = 'deleted', version = version + 1, updated_at = now(),
              expires_at = null where id = ?\
            """,
            id);
  }

  void forget(Tx tx, String id) {
    tx.sql().execute("delete from snapshots where id = ? and status = 'deleted'", id);
  }

  /** Notes a change that the row itself does not show. */
  void touched(Tx tx, String id) {
    tx.sql()
        .execute("update snapshots set version = version + 1, updated_at = now() where id = ?", id);
  }

  /** Notes a use; those that follow soon, measured by what it lasts after one, are the same. */
  void used(Tx tx, String id) {
    int changed =
        tx.sql()
            .execute(
                """
                update snapshots set last_used_at = now() where id = ? and status = 'ready'
                  and (last_used_at is null
                    or last_used_at < now() - make_interval(secs => least(10, retention_sec / 10.0)))\
                """,
                id);
    if (changed == 1) {
      tx.sql().execute("update snapshots set " + EXPIRY + " where id = ?", id);
    }
  }

  /** A page of those that match, newest first. */
  Page<Snapshot> page(Tx tx, Condition where, Paging paging) {
    Condition from =
        paging.after() == null ? DSL.noCondition() : DSL.condition("n.id < ?", paging.after());
    List<Snapshot> oneMore =
        tx.sql()
            .fetch(
                SELECT
                    + "where "
                    + SEEN
                    + " and {0} and {1}"
                    + " order by n.id desc limit {2} offset {3}",
                where,
                from,
                DSL.val(paging.limit() + 1),
                DSL.val(paging.offset()))
            .map(SnapshotStore::read);
    long total =
        tx.sql()
            .fetchSingle(
                """
                select count(*) from snapshots n join snapshot_sources s on s.id = n.sandbox_id
                  left join named_snapshots p on p.snapshot_id = n.id
                where \
                """
                    + SEEN
                    + " and {0}",
                where)
            .get(0, Long.class);
    return Page.of(oneMore, paging, total, Snapshot::id);
  }

  /** The ids of a sandbox's snapshots that newer ones push out when so many stay. */
  List<String> pushedOut(Tx tx, String sandboxId, int stay) {
    return tx.sql()
        .fetch(
            """
            select n.id from snapshots n where n.sandbox_id = ? and n.status = 'ready'
              and not n.keep and not exists (
                select from named_snapshots p where p.snapshot_id = n.id)
            order by n.id desc offset ?\
            """,
            sandboxId,
            stay)
        .map(row -> row.get(0, String.class));
  }

  /** The ids of all snapshots of a sandbox, newest first. */
  List<String> of(Tx tx, String sandboxId) {
    return tx.sql()
        .fetch(
            """
            select id from snapshots where sandbox_id = ? and status <> 'deleted'
            order by id desc\
            """,
            sandboxId)
        .map(row -> row.get(0, String.class));
  }

  /** Those whose time is over, of all organizations. */
  List<Snapshot> expired(Tx tx) {
    return tx.sql()
        .fetch(
            SELECT
                + """
                where n.expires_at < now() and n.status in ('ready', 'failed') and p.name is null
                order by n.expires_at limit 200\
                """)
        .map(SnapshotStore::read);
  }

  /** Every row, also of deleted ones, of all organizations. */
  List<Snapshot> all(Tx tx) {
    return tx.sql().fetch(SELECT).map(SnapshotStore::read);
  }

  private static Optional<Snapshot> one(Tx tx, String sql, Object... arguments) {
    Record row = tx.sql().fetchOne(sql, arguments);
    return row == null ? Optional.empty() : Optional.of(read(row));
  }

  static Snapshot read(Record row) {
    return new Snapshot(
        row.get("id", String.class),
        new OrganizationId(row.get("org", String.class)),
        row.get("sandbox_id", String.class),
        row.get("sandbox_name", String.class),
        row.get("template_id", String.class),
        SnapshotStatus.of(row.get("status", String.class)),
        row.get("version", Long.class),
        row.get("comment", String.class),
        row.get("keep", Boolean.class),
        row.get("expiration_sec", Integer.class),
        row.get("retention_sec", Integer.class),
        row.get("expires_at", OffsetDateTime.class),
        row.get("size_bytes", Long.class),
        row.get("pause_micros", Long.class),
        row.get("error", String.class),
        new Snapshot.Owner(
            row.get("workspace_id", String.class),
            row.get("project_id", String.class),
            row.get("external_workspace_id", String.class),
            row.get("external_user_id", String.class),
            row.get("external_project_id", String.class)),
        row.get("last_used_at", OffsetDateTime.class),
        row.get("created_at", OffsetDateTime.class),
        row.get("updated_at", OffsetDateTime.class),
        row.get("pinned", String.class),
        Archived.of(row),
        row.get("memory_bytes", Long.class));
  }
}
