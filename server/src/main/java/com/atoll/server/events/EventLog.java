package com.atoll.server.events;

import com.atoll.server.store.Store;
import java.util.List;
import java.util.Objects;
import org.jooq.Record;

/**
 * Reads the log in its order. What a running transaction may still put before a row hides that row.
 */
final class EventLog {
  private static final String VISIBLE = " xid < pg_snapshot_xmin(pg_current_snapshot()) ";

  private final Store store;

  EventLog(Store store) {
    this.store = store;
  }

  /** What follows a position, of all organizations. */
  List<StoredEvent> after(Position position, int most) {
    return store.system(tx ->
        tx.sql()
            .fetch(
                "select "
                    + StoredEvent.COLUMNS
                    + " from events where (epoch, xid, seq) > (?, cast(cast(? as text) as xid8), ?) and"
                    + VISIBLE
                    + "order by epoch, events.xid, seq limit ?",
                position.epoch(),
                position.xid(),
                position.seq(),
                most)
            .map(StoredEvent::of));
  }

  /** What follows a position, of one organization. */
  List<StoredEvent> after(String org, Position position, int most) {
    return store.system(tx ->
        tx.sql()
            .fetch(
                "select "
                    + StoredEvent.COLUMNS
                    + " from events where org = ?"
                    + " and (epoch, xid, seq) > (?, cast(cast(? as text) as xid8), ?) and"
                    + VISIBLE
                    + "order by epoch, events.xid, seq limit ?",
                org,
                position.epoch(),
                position.xid(),
                position.seq(),
                most)
            .map(StoredEvent::of));
  }

  /** The position up to which everything has been written that ever will be. */
  Position end() {
    return store.system(tx -> {
      Record row =
          Objects.requireNonNull(
              tx.sql()
                  .fetchOne(
                      """
                      select epoch,
                        cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint) as xmin
                      from event_epoch\
                      """));
      return new Position(
          row.get("epoch", Integer.class), row.get("xmin", Long.class) - 1, Long.MAX_VALUE);
    });
  }

  /** Deletes what is older than readers may still ask for. */
  void sweep() {
    store.executeSystem(
        tx -> tx.sql().execute("delete from events where at < now() - interval '30 days'"));
  }
}
