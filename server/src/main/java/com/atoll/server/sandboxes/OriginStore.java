package com.atoll.server.sandboxes;

import com.atoll.server.store.Tx;
import java.util.List;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** What sandboxes begin with, as rows: a snapshot and its environment, the app of a template. */
final class OriginStore {
  /** An environment, sealed, what the guards keep of egress, and ports, both as JSON. */
  @SuppressWarnings("ArrayRecordComponent")
  record Kept(byte @Nullable [] env, @Nullable String egress, @Nullable String ports) {}

  void keep(Tx tx, String snapshotId, Kept kept) {
    tx.sql()
        .execute(
            """
            insert into kept_env (snapshot_id, org, env, egress, ports)
            values (?, ?, cast(? as bytea), cast(? as jsonb), cast(? as jsonb))\
            """,
            snapshotId,
            tx.org().value(),
            kept.env(),
            kept.egress(),
            kept.ports());
  }

  Kept kept(Tx tx, String snapshotId) {
    Record row =
        tx.sql()
            .fetchOne(
                "select env, egress::text, ports::text from kept_env where snapshot_id = ?",
                snapshotId);
    return row == null
        ? new Kept(null, null, null)
        : new Kept(row.get(0, byte[].class), row.get(1, String.class), row.get(2, String.class));
  }

  /** Says of a row why it is one of a destroyed sandbox from the beginning. */
  void standsIn(Tx tx, String id, String why) {
    tx.sql()
        .execute(
            "update sandboxes set error_reason = ?, destroyed_at = created_at where id = ?",
            why,
            id);
  }

  /** Has the app of its template started with each new machine of a sandbox. */
  void startApp(Tx tx, String id) {
    tx.sql().execute("update sandboxes set auto_start = true where id = ?", id);
  }

  /**
   * Whether the app of its template is started with a sandbox, also a destroyed one and one that
   * only a snapshot of it is seen of.
   */
  boolean startsApp(Tx tx, String id) {
    Record row = tx.sql().fetchOne("select auto_start from snapshot_sources where id = ?", id);
    return row != null && row.get(0, Boolean.class);
  }

  /** The living sandboxes, of every organization, that start the app of their template. */
  List<String> startingApps(Tx tx) {
    return tx.sql()
        .fetch("select id from sandboxes where auto_start and state <> 'destroyed'")
        .map(row -> row.get(0, String.class));
  }

  /** The build that a sandbox comes from; empty when it is not known, null without a row. */
  @Nullable String build(Tx tx, String id) {
    Record row = tx.sql().fetchOne("select coalesce(build_id, '') from sandboxes where id = ?", id);
    return row == null ? null : row.get(0, String.class);
  }

  /** Notes the build that a new sandbox comes from: that of its source, or the one there is now. */
  void comesOf(Tx tx, Sandbox sandbox, @Nullable String sourceId) {
    String build =
        sourceId == null
            ? "(select current_build_id from sandbox_templates where id = ?)"
            : "(select build_id from snapshot_sources where id = ?)";
    tx.later(
        "update sandboxes set build_id = " + build + " where id = ?",
        sourceId == null ? sandbox.templateId() : sourceId,
        sandbox.id());
  }

  void beginWith(Tx tx, String id, String snapshotId) {
    tx.sql().execute("update sandboxes set source_snapshot_id = ? where id = ?", snapshotId, id);
  }

  @Nullable String sourceSnapshot(Tx tx, String id) {
    Record row = tx.sql().fetchOne("select source_snapshot_id from sandboxes where id = ?", id);
    return row == null ? null : row.get(0, String.class);
  }
}
