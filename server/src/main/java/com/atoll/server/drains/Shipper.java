package com.atoll.server.drains;

import com.atoll.model.AtollException;
import com.atoll.model.OrganizationId;
import com.atoll.server.outbound.Answer;
import com.atoll.server.outbound.Outbound;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends batches, those of one drain one after the other. A receiver that fails is tried again, ever
 * more seldom, for a day; then, or when it says that it is gone, the drain is disabled.
 */
final class Shipper {
  private static final Logger LOG = LoggerFactory.getLogger(Shipper.class);
  private static final Duration PATIENCE = Duration.ofHours(24);
  private static final long LONGEST_PAUSE_SECONDS = 300;
  private static final long LEAST_PAUSE_SECONDS = 2;

  private final Store store;
  private final Keys keys;
  private final Outbound outbound;

  Shipper(Store store, Keys keys, Outbound outbound) {
    this.store = store;
    this.keys = keys;
    this.outbound = outbound;
  }

  /** Begins to send what is due. */
  void look() {
    for (String id : store.system(DrainTable::claim)) {
      Thread.ofVirtual().name("log-drain-" + id).start(() -> ship(id));
    }
  }

  private record Work(Outlet outlet, Batch batch) {}

  private void ship(String id) {
    try {
      OrganizationId org = store.findSystem(tx -> owner(tx, id));
      while (org != null) {
        Work work = store.find(org, tx -> work(tx, id));
        if (work == null || !shipped(work)) {
          return;
        }
      }
    } catch (AtollException away) {
      LOG.debug("The log drain {} waits: {}", id, away.getMessage());
    } catch (RuntimeException e) {
      LOG.warn("The log drain {} failed in an unexpected way.", id, e);
    }
  }

  private static @Nullable OrganizationId owner(Tx tx, String id) {
    Drain drain = DrainTable.find(tx, id);
    return drain == null ? null : drain.org();
  }

  private @Nullable Work work(Tx tx, String id) {
    Drain drain = DrainTable.find(tx, id);
    if (drain == null || !drain.state().equals(Drain.ACTIVE)) {
      return null;
    }
    Batch batch = Batch.next(tx, id);
    if (batch == null) {
      tx.sql().execute("update log_drains set next_at = now() where id = ?", id);
      return null;
    }
    return new Work(Outlet.of(tx, keys, drain), batch);
  }

  /** Whether the receiver took it. */
  private boolean shipped(Work work) {
    Drain drain = work.outlet().drain();
    Answer answer = work.outlet().send(outbound, work.batch().id(), work.batch().body());
    CrashPoint.AFTER_SEND.reach();
    if (answer.succeeded()) {
      store.execute(drain.org(), tx -> taken(tx, drain.id(), work.batch()));
      CrashPoint.AFTER_RECORD.reach();
      return true;
    }
    store.execute(drain.org(), tx -> refused(tx, drain.id(), answer));
    return false;
  }

  private static void taken(Tx tx, String id, Batch batch) {
    int gone = tx.sql().execute("delete from log_drain_batches where id = ?", batch.id());
    tx.sql()
        .execute(
            """
            update log_drains set delivered_lines = delivered_lines + ?, last_delivery_at = now(),
              failures = 0, failing_since = null, last_error = null,
              next_at = now() + interval '20 seconds' where id = ?\
            """,
            gone * (long) batch.lines(),
            id);
  }

  private static void refused(Tx tx, String id, Answer answer) {
    var row = tx.sql().fetchOne("select id from log_drains where id = ? for update", id);
    if (row == null) {
      return;
    }
    Drain drain = Objects.requireNonNull(DrainTable.find(tx, id));
    Instant now = Instant.now();
    Instant since = drain.failingSince() == null ? now : drain.failingSince();
    int failures = drain.failures() + 1;
    tx.sql()
        .execute(
            """
            update log_drains set failures = ?, failing_since = cast(? as timestamptz),
              last_error = ?, next_at = now() + cast(? as int) * interval '1 second' where id = ?\
            """,
            failures,
            since.atOffset(ZoneOffset.UTC),
            answer.error(),
            pause(failures, answer),
            id);
    boolean over = Duration.between(since, now).compareTo(PATIENCE) > 0;
    if (drain.state().equals(Drain.ACTIVE) && (answer.gone() || over)) {
      disable(tx, drain, answer.gone() ? "the receiver is gone" : "no success for a day", answer);
    }
  }

  /** How many seconds pass before the next attempt. */
  static long pause(int failures, Answer answer) {
    long doubled = LEAST_PAUSE_SECONDS << Math.min(failures - 1, 10);
    long wished = answer.retryAfter().orElse(0);
    return Math.min(LONGEST_PAUSE_SECONDS, Math.max(doubled, wished));
  }

  private static void disable(Tx tx, Drain drain, String why, Answer answer) {
    long dropped = DrainTable.pendingLines(tx, drain.id());
    tx.sql().execute("delete from log_drain_batches where drain_id = ?", drain.id());
    tx.sql()
        .execute(
            """
            update log_drains set state = 'disabled', disabled_reason = ?, disabled_at = now(),
              dropped_lines = dropped_lines + ?, version = version + 1, updated_at = now()
            where id = ?\
            """,
            why,
            dropped,
            drain.id());
    Drain now = Objects.requireNonNull(DrainTable.find(tx, drain.id()));
    String error = String.valueOf(answer.error());
    DrainService.tell(
        tx,
        now,
        "log_drain.disabled",
        Map.of("name", now.name(), "reason", why, "error", error, "dropped_lines", dropped));
  }
}
