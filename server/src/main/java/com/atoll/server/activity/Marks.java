package com.atoll.server.activity;

import com.atoll.server.events.Position;
import com.atoll.server.store.Tx;
import org.jooq.Condition;
import org.jooq.impl.DSL;

/** What a reader has read. A reader is a key. */
final class Marks {
  private final String reader;

  Marks(String reader) {
    this.reader = reader;
  }

  /** That an event is unread. */
  Condition unread() {
    return DSL.condition(
        """
        not exists (select from notification_marks m where m.org = events.org and m.reader = ?
          and (events.epoch, events.xid, events.seq) <= (m.epoch, m.xid, m.seq))
        and not exists (select from notification_reads r where r.org = events.org and r.reader = ?
          and (r.epoch, r.xid, r.seq) = (events.epoch, events.xid, events.seq))\
        """,
        reader,
        reader);
  }

  void read(Tx tx, Position event) {
    tx.sql()
        .execute(
            """
            insert into notification_reads (org, reader, epoch, xid, seq)
            values (?, ?, ?, cast(cast(? as text) as xid8), ?) on conflict do nothing\
            """,
            tx.org().value(),
            reader,
            event.epoch(),
            event.xid(),
            event.seq());
  }

  void readAll(Tx tx, Position until) {
    tx.sql()
        .execute(
            """
            insert into notification_marks as m (org, reader, epoch, xid, seq)
            values (?, ?, ?, cast(cast(? as text) as xid8), ?)
            on conflict (org, reader) do update set epoch = excluded.epoch, xid = excluded.xid, seq = excluded.seq
            where (m.epoch, m.xid, m.seq) < (excluded.epoch, excluded.xid, excluded.seq)\
            """,
            tx.org().value(),
            reader,
            until.epoch(),
            until.xid(),
            until.seq());
  }

  /** Forgets marks of events that are gone from the log. */
  static void sweep(Tx tx) {
    tx.sql().execute("delete from notification_reads where read_at < now() - interval '31 days'");
    tx.sql()
        .execute("delete from alert_resolutions where resolved_at < now() - interval '31 days'");
  }
}
