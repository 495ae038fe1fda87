package com.atoll.server.events;

import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.Objects;
import org.jooq.Condition;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the log in its order. What a running transaction may still put before a row hides that row.
 */
public final class EventLog {
  private static final String VISIBLE = " xid < pg_snapshot_xmin(pg_current_snapshot()) ";

  private static final int SWEEP = 5_000;
  private static final Logger log = LoggerFactory.getLogger(EventLog.class);

  private final Store store;

  EventLog(Store store) {
    this.store = store;
  }

  /** What follows a position, of all organizations. */
  List<StoredEvent> after(Position position, int most) {
    return store.system(tx -> after(tx, position, most));
  }

  /** What follows a position, of all organizations, in a transaction of the system. */
  public static List<StoredEvent> after(Tx tx, Position position, int most) {
    return tx.sql()
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
        .map(StoredEvent::of);
  }

  /** What follows a position, of one organization. */
  List<StoredEvent> after(String org, Position position, int most) {
    return store.system(tx -> after(tx, org, position, most));
  }

  /** What follows a position, of one organization, as far as the transaction may see it. */
  public static List<StoredEvent> after(Tx tx, String org, Position position, int most) {
    return tx.sql()
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
        .map(StoredEvent::of);
  }

  /**
   * The newest events that match and that the transaction may see, at most so many.
   *
   * @param where a condition on the columns of {@code events}
   * @param before only those before this position; null from the end on
   * @param skip how many of them to leave out
   */
  public static List<StoredEvent> newest(
      Tx tx, Condition where, @Nullable Position before, int skip, int most) {
    Condition older =
        before == null
            ? DSL.noCondition()
            : DSL.condition(
                "(epoch, xid, seq) < (?, cast(cast(? as text) as xid8), ?)",
                before.epoch(),
                before.xid(),
                before.seq());
    return tx.sql()
        .fetch(
            "select "
                + StoredEvent.COLUMNS
                + " from events where {0} and {1} order by epoch desc, events.xid desc, seq desc limit {2} offset {3}",
            where,
            older,
            DSL.val(most),
            DSL.val(skip))
        .map(StoredEvent::of);
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

  /** Deletes what is older than readers may still ask for; in steps, so that none runs for long. */
  void sweep() {
    while (store.system(EventLog::sweepOnce) == SWEEP) {
      log.debug("more old events are deleted");
    }
  }

  // The oldest stand first in the primary key, so that a look at them is enough.
  private static int sweepOnce(Tx tx) {
    return tx.sql()
        .execute(
            """
            delete from events e using (
              select epoch, xid, seq, at from events order by epoch, xid, seq limit ?) old
            where old.at < now() - interval '30 days'
              and (e.epoch, e.xid, e.seq) = (old.epoch, old.xid, old.seq)\
            """,
            SWEEP);
  }
}
