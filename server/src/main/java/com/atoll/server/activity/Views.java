package com.atoll.server.activity;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.events.EventLog;
import com.atoll.server.events.Position;
import com.atoll.server.events.StoredEvent;
import com.atoll.server.http.Call;
import com.atoll.server.store.Tx;
import java.util.List;
import org.jooq.Condition;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** What the views of the log share: the id of an event is its cursor. */
final class Views {
  private static final List<String> OWNED =
      List.of(
          "workspace_id",
          "project_id",
          "resource_type",
          "resource_id",
          "external_workspace_id",
          "external_user_id",
          "external_project_id");

  private Views() {}

  static String id(StoredEvent stored) {
    return stored.position().id();
  }

  /** The position that the cursor of a call names, if there is one. */
  static @Nullable Position before(Call call) {
    String cursor = call.query("cursor");
    if (cursor == null || cursor.isEmpty()) {
      return null;
    }
    return Position.of(cursor)
        .orElseThrow(() -> AtollException.of(ErrorCode.INVALID_PARAM, "cursor"));
  }

  /** The cursor of the next page, out of one row more than the page holds. */
  static @Nullable String next(List<StoredEvent> oneMore, int limit) {
    return oneMore.size() > limit ? id(oneMore.get(limit - 1)) : null;
  }

  /** An event by its id, as far as the transaction sees it and it matches. */
  static StoredEvent require(Tx tx, String id, String what, Condition where) {
    Position position = Position.of(id).orElseThrow(() -> Notifications.unknown(what, id));
    Condition there =
        DSL.condition(
            "(epoch, xid, seq) = (?, cast(cast(? as text) as xid8), ?)",
            position.epoch(),
            position.xid(),
            position.seq());
    List<StoredEvent> found = EventLog.newest(tx, where.and(there), null, 1);
    if (found.isEmpty()) {
      throw Notifications.unknown(what, id);
    }
    return found.getFirst();
  }

  /** That what happened is about what the query parameters of a call name. */
  static Condition owned(Call call) {
    Condition all = DSL.noCondition();
    for (String column : OWNED) {
      all = all.and(equal(call, column));
    }
    return all;
  }

  /** That a column has the value of the query parameter of the same name, when it is given. */
  static Condition equal(Call call, String column) {
    String value = call.query(column);
    return value == null || value.isEmpty()
        ? DSL.noCondition()
        : DSL.field(DSL.name(column), String.class).eq(value);
  }
}
