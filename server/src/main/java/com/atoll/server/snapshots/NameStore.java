package com.atoll.server.snapshots;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.Record;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;

/** The names that pin snapshots. */
final class NameStore {
  private static final String SELECT =
      """
      select n.*, s.name as sandbox_name, s.template_id, p.name as pinned, p.owned,
        p.created_at as named_at,
      """
          + Archived.COLUMNS
          + """
          from named_snapshots p join snapshots n on n.id = p.snapshot_id
            join snapshot_sources s on s.id = n.sandbox_id
          """
          + Archived.JOIN;

  /**
   * A name and what it pins.
   *
   * @param owned whether the snapshot was taken for the name only
   */
  record Named(String name, Snapshot snapshot, boolean owned, OffsetDateTime createdAt) {}

  Optional<Named> find(Tx tx, String name) {
    Record row = tx.sql().fetchOne(SELECT + "where p.name = ?", name);
    return row == null ? Optional.empty() : Optional.of(read(row));
  }

  List<Named> list(Tx tx, Condition where) {
    return tx.sql()
        .fetch(SELECT + "where {0} order by p.created_at desc, p.name limit 1000", where)
        .map(NameStore::read);
  }

  /** Gives a name. NAME_TAKEN, also when somebody gave it at the same time. */
  void insert(
      Tx tx, String name, String snapshotId, boolean owned, @Nullable String externalUserId) {
    try {
      tx.sql()
          .execute(
              """
              insert into named_snapshots (org, name, snapshot_id, owned, external_user_id)
              values (?, ?, ?, ?, ?)\
              """,
              tx.org().value(),
              name,
              snapshotId,
              owned,
              externalUserId);
    } catch (DataAccessException e) {
      if (SqlFaults.isDuplicate(e, "named_snapshots_pkey")) {
        throw AtollException.of(ErrorCode.NAME_TAKEN, name);
      }
      throw e;
    }
  }

  void delete(Tx tx, String name) {
    tx.sql().execute("delete from named_snapshots where name = ?", name);
  }

  /** Takes the name from a snapshot that has one. */
  void unpin(Tx tx, String snapshotId) {
    tx.sql().execute("delete from named_snapshots where snapshot_id = ?", snapshotId);
  }

  private static Named read(Record row) {
    return new Named(
        row.get("pinned", String.class),
        SnapshotStore.read(row),
        row.get("owned", Boolean.class),
        row.get("named_at", OffsetDateTime.class));
  }
}
