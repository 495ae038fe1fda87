package com.atoll.server.workspaces;

import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Reads what workspaces own. */
final class Rows {
  private Rows() {}

  static List<Views.Item> list(Tx tx, Kind kind, String workspace, int most) {
    return tx.sql()
        .fetch(
            "select id, "
                + kind.label()
                + " as label, "
                + kind.state()
                + " as state, "
                + (kind.hasProject() ? "project_id" : "null as project_id")
                + ", created_at from "
                + kind.table()
                + " where workspace_id = ? and "
                + kind.there()
                + " order by id desc limit ?",
            workspace,
            most)
        .map(Rows::item);
  }

  private static Views.Item item(Record row) {
    return new Views.Item(
        row.get("id", String.class),
        row.get("label", String.class),
        row.get("state", String.class),
        row.get("project_id", String.class),
        row.get("created_at", OffsetDateTime.class).toInstant());
  }

  static Map<String, Integer> counts(Tx tx, String workspace) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (Kind kind : Kind.values()) {
      counts.put(
          kind.wire(),
          tx.sql()
              .fetchSingle(
                  "select count(*) from "
                      + kind.table()
                      + " where workspace_id = ? and "
                      + kind.there(),
                  workspace)
              .get(0, Integer.class));
    }
    return counts;
  }

  /** The ids of a kind that belong to a project, or that are the snapshots of a sandbox. */
  static List<String> below(Tx tx, Kind kind, String column, String owner) {
    return tx.sql()
        .fetch(
            "select id from "
                + kind.table()
                + " where "
                + column
                + " = ? and "
                + kind.there()
                + " order by id",
            owner)
        .map(row -> row.get(0, String.class));
  }

  /** A sandbox and a volume of which one goes and the other stays; null when there are none. */
  static @Nullable String torn(Tx tx, List<String> going) {
    String[] ids = going.toArray(String[]::new);
    Record row =
        tx.sql()
            .fetchOne(
                """
                select sandbox_id, volume_id from volume_attachments
                where (sandbox_id = any(cast(? as text[]))) <> (volume_id = any(cast(? as text[])))
                limit 1\
                """,
                ids,
                ids);
    return row == null
        ? null
        : "the volume %s is attached to %s: they move together, or after it is detached"
            .formatted(row.get(1, String.class), row.get(0, String.class));
  }
}
