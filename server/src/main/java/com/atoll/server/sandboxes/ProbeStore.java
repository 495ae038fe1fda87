package com.atoll.server.sandboxes;

import com.atoll.server.store.Tx;
import java.util.List;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** The probes of sandboxes, as columns of their rows. */
final class ProbeStore {
  private static final String UNFINISHED =
      """
      select id, org, readiness_probe, readiness_failure from sandboxes
      where (readiness_probe is not null or readiness_failure is not null) and ready_at is null
        and state <> 'destroyed'\
      """;

  /**
   * What a sandbox is not ready for.
   *
   * @param sealed the probe that has not passed; null when it is another failure alone
   * @param failure set when the time of the probe is over, too
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Row(String id, String org, byte @Nullable [] sealed, @Nullable String failure) {}

  void insert(Tx tx, String id, byte[] sealed) {
    tx.sql()
        .execute(
            "update sandboxes set readiness_probe = cast(? as bytea) where id = ?", sealed, id);
  }

  /** Those of living sandboxes, of every organization, that have not passed. */
  List<Row> unfinished(Tx tx) {
    return tx.sql().fetch(UNFINISHED).map(ProbeStore::row);
  }

  /** The one of this sandbox; nothing when it has none, or that has passed. */
  @Nullable Row unfinished(Tx tx, String id) {
    Record row = tx.sql().fetchOne(UNFINISHED + " and id = ?", id);
    return row == null ? null : row(row);
  }

  private static Row row(Record row) {
    return new Row(
        row.get("id", String.class),
        row.get("org", String.class),
        row.get("readiness_probe", byte[].class),
        row.get("readiness_failure", String.class));
  }

  /** Says when a sandbox was ready; false when that is known, or it is gone. */
  boolean passed(Tx tx, String id) {
    int changed =
        tx.sql()
            .execute(
                """
                update sandboxes set ready_at = now(), version = version + 1
                where id = ? and ready_at is null and readiness_failure is null
                  and state <> 'destroyed'\
                """,
                id);
    return changed == 1;
  }

  /** Says why a sandbox is not ready any more; false when that is known, or it is gone. */
  boolean lost(Tx tx, String id, String failure) {
    int changed =
        tx.sql()
            .execute(
                """
                update sandboxes set ready_at = null, readiness_failure = ?, version = version + 1
                where id = ? and readiness_failure is null and state <> 'destroyed'\
                """,
                failure,
                id);
    return changed == 1;
  }

  /** Says why a sandbox is not ready; false when that is known, or it is gone. */
  boolean failed(Tx tx, String id, String failure) {
    int changed =
        tx.sql()
            .execute(
                """
                update sandboxes set readiness_failure = ?, version = version + 1
                where id = ? and ready_at is null and readiness_failure is null
                  and state <> 'destroyed'\
                """,
                failure,
                id);
    return changed == 1;
  }
}
