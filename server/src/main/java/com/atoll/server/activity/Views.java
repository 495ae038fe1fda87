package com.atoll.server.activity;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.events.EventLog;
import com.atoll.server.events.Position;
import com.atoll.server.events.StoredEvent;
import com.atoll.server.http.Call;
import com.atoll.server.http.Paging;
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

  /** The events of a page, and one more if there is one. */
  static List<StoredEvent> page(Tx tx, Condition where, Paging paging) {
    return EventLog.newest(tx, where, before(paging), paging.offset(), paging.limit() + 1);
  }

  private static @Nullable Position before(Paging paging) {
    return paging.after() == null
        ? null
        : Position.of(paging.after())
            .orElseThrow(() -> AtollException.of(ErrorCode.INVALID_PARAM, "cursor"));
  }

  /** From the oldest of these events to the newest. */
  static Condition among(List<StoredEvent> newestFirst) {
    return newestFirst.isEmpty()
        ? DSL.falseCondition()
        : at("<=", newestFirst.getFirst().position())
            .and(at(">=", newestFirst.getLast().position()));
  }

  private static Condition at(String comparison, Position position) {
    return DSL.condition(
        "(epoch, xid, seq) " + comparison + " (?, cast(cast(? as text) as xid8), ?)",
        position.epoch(),
        position.xid(),
        position.seq());
  }

  /** The cursor of the next page, out of one row more than the page holds. */
  static @Nullable String next(List<StoredEvent> oneMore, int limit) {
    return oneMore.size() > limit ? id(oneMore.get(limit - 1)) : null;
  }

  /** An event by its id, as far as the transaction sees it and it matches. */
  static StoredEvent require(Tx tx, String id, String what, Condition where) {
    Position position = Position.of(id).orElseThrow(() -> Notifications.unknown(what, id));
    List<StoredEvent> found = EventLog.newest(tx, where.and(at("=", position)), null, 0, 1);
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
