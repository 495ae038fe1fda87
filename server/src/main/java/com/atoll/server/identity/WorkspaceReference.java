package com.atoll.server.identity;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.store.Tx;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** The workspaces that calls speak of. */
public final class WorkspaceReference {
  private WorkspaceReference() {}

  /** The id of the workspace that a path names by id or slug; NOT_FOUND when there is none. */
  public static String require(Tx tx, String reference) {
    Record row =
        tx.sql()
            .fetchOne(
                "select id from workspaces where id = ? or slug = ? order by (id = ?) desc limit 1",
                reference,
                reference,
                reference);
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "workspace " + reference);
    }
    return row.get(0, String.class);
  }

  /** The id of the workspace that a field names by id, slug or name; null when there is none. */
  public static @Nullable String find(Tx tx, String reference) {
    Record row =
        tx.sql()
            .fetchOne(
                """
                select id from workspaces where id = ? or slug = ? or name = ?
                order by (id = ?) desc, (slug = ?) desc, id limit 1\
                """,
                reference,
                reference,
                reference,
                reference,
                reference);
    return row == null ? null : row.get(0, String.class);
  }
}
