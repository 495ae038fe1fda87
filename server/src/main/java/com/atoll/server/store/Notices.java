package com.atoll.server.store;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the other servers of an external database that events were written, and hears of theirs. It
 * is told after the commit and many at a time: a notification inside the transaction would make
 * PostgreSQL commit one after the other. What a server that ends cannot tell any more is found by
 * the feed's own look.
 */
final class Notices implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Notices.class);
  private static final String CHANNEL = "atoll_events";
  private static final int LISTEN_MILLIS = 10_000;
  private static final long AWAY_NANOS = 1_000_000_000;

  private final Database database;
  private final String self = Long.toHexString(ThreadLocalRandom.current().nextLong());
  private final AtomicReference<Tx.@Nullable Written> untold = new AtomicReference<>();
  private final Thread teller = Thread.ofVirtual().name("notices-teller").unstarted(this::tell);
  private @Nullable Thread listener;
  private volatile boolean closed;

  Notices(Database database) {
    this.database = database;
  }

  void start(Consumer<Tx.Written> heard) {
    // It waits in a selector, which would keep a carrier of virtual threads.
    listener = Thread.ofPlatform().daemon().name("notices-listener").start(() -> listen(heard));
    teller.start();
  }

  /** This process has committed events, of which this one is the last. */
  void written(Tx.Written last) {
    untold.set(last);
    LockSupport.unpark(teller);
  }

  private void tell() {
    while (!closed) {
      Tx.Written last = untold.getAndSet(null);
      if (last == null) {
        LockSupport.park(this);
        continue;
      }
      String payload = self + ' ' + last.epoch() + ' ' + last.xid() + ' ' + last.seq();
      try (Connection connection = database.connect();
          PreparedStatement notify = connection.prepareStatement("select pg_notify(?, ?)")) {
        notify.setString(1, CHANNEL);
        notify.setString(2, payload);
        notify.execute();
        connection.commit();
      } catch (SQLException away) {
        log.debug("other servers were not told of events", away);
      }
    }
  }

  private void listen(Consumer<Tx.Written> heard) {
    while (!closed) {
      DatabaseAddress address = database.address();
      try (Connection connection =
              DriverManager.getConnection(address.url(), address.properties());
          Statement statement = connection.createStatement()) {
        statement.execute("listen " + CHANNEL);
        PGConnection notified = connection.unwrap(PGConnection.class);
        while (!closed) {
          for (PGNotification one : notified.getNotifications(LISTEN_MILLIS)) {
            hear(one.getParameter(), heard);
          }
        }
      } catch (SQLException away) {
        log.debug("the notices of other servers are not heard", away);
        LockSupport.parkNanos(AWAY_NANOS);
      }
    }
  }

  private void hear(String payload, Consumer<Tx.Written> heard) {
    String[] words = payload.split(" ", -1);
    if (words.length == 4 && !words[0].equals(self)) {
      heard.accept(
          new Tx.Written(
              Integer.parseInt(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3])));
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(teller);
    Thread listening = listener;
    if (listening != null) {
      listening.interrupt();
    }
  }
}
