package com.atoll.server.events;

import com.atoll.model.Ids;
import java.util.Comparator;
import java.util.Optional;

/**
 * Where an event stands in the log: (epoch, transaction, sequence). Its public form sorts like it.
 *
 * @param epoch raised when the data moves to another cluster
 * @param xid the transaction that wrote it
 * @param seq order inside the transaction
 */
public record Position(int epoch, long xid, long seq) implements Comparable<Position> {
  /** Before everything. */
  public static final Position START = new Position(0, 0, 0);

  private static final String PREFIX = "evt_";
  private static final long MASK = (1L << 56) - 1;
  private static final Comparator<Position> ORDER =
      Comparator.comparingInt(Position::epoch)
          .thenComparingLong(Position::xid)
          .thenComparingLong(Position::seq);

  /** The id of the event as it travels: 16, 56 and 56 bits. */
  public String id() {
    long high = (long) epoch << 48 | (xid & MASK) >>> 8;
    long low = (xid & 0xff) << 56 | (seq & MASK);
    return PREFIX + Ids.encode(high, low);
  }

  /** The position that an id names, if it is one. */
  public static Optional<Position> of(String id) {
    if (!Ids.is("evt", id)) {
      return Optional.empty();
    }
    long[] halves = Ids.decode(id.substring(PREFIX.length()));
    int epoch = (int) (halves[0] >>> 48);
    long xid = (halves[0] & ((1L << 48) - 1)) << 8 | halves[1] >>> 56;
    return Optional.of(new Position(epoch, xid, halves[1] & MASK));
  }

  @Override
  public int compareTo(Position other) {
    return ORDER.compare(this, other);
  }
}
