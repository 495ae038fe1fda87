package com.atoll.server.keys;

import com.atoll.server.events.EventLog;
import com.atoll.server.events.Position;
import com.atoll.server.events.StoredEvent;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Tx;
import java.util.LinkedHashMap;
import java.util.List;
import org.jooq.Condition;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Reads the history of a key. */
final class KeyEvents {
  private KeyEvents() {}

  /** A page of it, newest first, of one type of events or of all. */
  static Page<KeyEventView> page(Tx tx, String key, @Nullable String type, Paging paging) {
    Condition where =
        DSL.condition("resource_id = ?", key)
            .and(type == null ? DSL.noCondition() : DSL.condition("type = ?", type));
    Position before = paging.after() == null ? null : Position.of(paging.after()).orElseThrow();
    List<StoredEvent> oneMore =
        EventLog.newest(tx, where, before, paging.offset(), paging.limit() + 1);
    long total =
        tx.sql().fetchSingle("select count(*) from events where {0}", where).get(0, Long.class);
    return Page.of(oneMore, paging, total, stored -> stored.position().id())
        .map(stored -> view(key, stored));
  }

  private static KeyEventView view(String key, StoredEvent stored) {
    return new KeyEventView(
        stored.event().type(),
        key,
        stored.event().version(),
        stored.at(),
        new LinkedHashMap<>(stored.event().data()));
  }
}
