package com.atoll.server.snapshots;

import com.atoll.server.store.Tx;
import java.util.List;
import java.util.Optional;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** The rows of archived snapshots. Each change raises the version of the snapshot. */
final class ArchiveTable {
  private final SnapshotStore snapshots = new SnapshotStore();

  /**
   * What a snapshot may be sent as a change of.
   *
   * @param depth how many copies it stands on itself
   */
  record Parent(String id, int depth) {}

  void begin(Tx tx, String id, boolean evict) {
    tx.sql()
        .execute(
            """
            insert into snapshot_archives (snapshot_id, org, state, evict)
            values (?, ?, 'uploading', ?)
            on conflict (snapshot_id) do update
              set state = 'uploading', evict = excluded.evict, bytes = 0, error = null\
            """,
            id,
            tx.org().value(),
            evict);
    snapshots.touched(tx, id);
  }

  /**
   * The newest archived snapshot of the same sandbox that is on the machine, kept as it is. Both of
   * its rows are locked: what only the other one says would be from before the wait.
   */
  Optional<Parent> parent(Tx tx, Snapshot of, int deepest) {
    Record row =
        tx.sql()
            .fetchOne(
                """
                select n.id, a.depth from snapshots n join snapshot_archives a on a.snapshot_id = n.id
                where n.sandbox_id = ? and n.id < ? and n.status = 'ready' and a.state = 'archived'
                  and a.local and a.depth < ?
                order by n.id desc limit 1 for update\
                """,
                of.sandboxId(),
                of.id(),
                deepest);
    return row == null
        ? Optional.empty()
        : Optional.of(new Parent(row.get(0, String.class), row.get(1, Integer.class)));
  }

  /** Says what it is sent as a change of, so that this one stays until then. */
  void sendAs(Tx tx, String id, @Nullable Parent parent) {
    tx.sql()
        .execute(
            "update snapshot_archives set parent_id = ?, depth = ? where snapshot_id = ?",
            parent == null ? null : parent.id(),
            parent == null ? 0 : parent.depth() + 1,
            id);
  }

  void progress(Tx tx, String id, long bytes) {
    change(tx, id, "bytes = cast(? as bigint)", bytes);
  }

  /** It is whole; {@code withParent} unless it was sent as a change of nothing after all. */
  void whole(Tx tx, String id, long bytes, boolean withParent, List<String> images) {
    change(
        tx,
        id,
        """
        state = 'archived', bytes = cast(? as bigint), object_bytes = cast(? as bigint), error = null,
        archived_at = now(), images = cast(? as text[])\
        """,
        bytes,
        bytes,
        images.toArray(String[]::new));
    if (!withParent) {
      sendAs(tx, id, null);
    }
  }

  /** What went wrong; it is tried again when the state stays uploading. */
  void wrong(Tx tx, String id, Archived.State state, String error) {
    change(tx, id, "state = ?, error = ?", state.wire(), error);
  }

  /** Whether its files are on the machine, and whether they are to leave it. */
  void place(Tx tx, String id, boolean local, boolean evict) {
    change(tx, id, "state = 'archived', local = ?, evict = ?", local, evict);
    if (!local) {
      // The archive has files alone: its processes ended when its files left the machine.
      snapshots.withoutMemory(tx, id);
    }
  }

  void restoring(Tx tx, String id) {
    change(tx, id, "state = 'restoring', evict = false, bytes = 0, error = null");
  }

  void evictLater(Tx tx, String id) {
    change(tx, id, "evict = true");
  }

  private void change(Tx tx, String id, String what, Object... values) {
    Object[] all = java.util.Arrays.copyOf(values, values.length + 1);
    all[values.length] = id;
    tx.sql().execute("update snapshot_archives set " + what + " where snapshot_id = ?", all);
    snapshots.touched(tx, id);
  }

  /** Whether copies of others stand on that of this one. */
  boolean carries(Tx tx, String id) {
    return tx.sql()
        .fetchSingle("select exists (select from snapshot_archives where parent_id = ?)", id)
        .get(0, Boolean.class);
  }

  /** The ids of the copies that one stands on, the oldest first, itself last. */
  List<String> chain(Tx tx, String id) {
    return tx.sql()
        .fetch(
            """
            with recursive chain as (
              select snapshot_id, parent_id, 0 as step from snapshot_archives where snapshot_id = ?
              union all
              select a.snapshot_id, a.parent_id, step + 1
              from snapshot_archives a join chain c on a.snapshot_id = c.parent_id)
            select snapshot_id from chain order by step desc\
            """,
            id)
        .map(row -> row.get(0, String.class));
  }

  /** A deleted one that is still there for those that stand on it. */
  Optional<Snapshot> deleted(Tx tx, String id) {
    Record row =
        tx.sql().fetchOne(SnapshotStore.SELECT + "where n.id = ? and n.status = 'deleted'", id);
    return row == null ? Optional.empty() : Optional.of(SnapshotStore.read(row));
  }
}
