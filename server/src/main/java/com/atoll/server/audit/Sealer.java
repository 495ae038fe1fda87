package com.atoll.server.audit;

import com.atoll.model.AtollException;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jooq.Record;
import org.jooq.Result;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Links the entries of each organization into a chain, in the order of their commits and behind
 * them: no request waits for the one before it. Of all servers on a database one does it at a time.
 */
final class Sealer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Sealer.class);
  private static final int BATCH = 500;
  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

  private final Store store;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closing = lock.newCondition();
  private boolean closed;

  Sealer(Store store) {
    this.store = store;
  }

  void start() {
    Thread.ofVirtual().name("audit-sealer").start(this::run);
  }

  private void run() {
    while (rest()) {
      try {
        seal();
      } catch (AtollException away) {
        log.debug("the seal waits: {}", away.getMessage());
      } catch (RuntimeException e) {
        log.warn("the audit log could not be sealed now", e);
      }
    }
  }

  /** False when it is over. */
  private boolean rest() {
    lock.lock();
    try {
      long left = REST_NANOS;
      while (!closed && left > 0) {
        left = closing.awaitNanos(left);
      }
      return !closed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Seals everything up to the oldest transaction that still runs. */
  void seal() {
    int sealed = BATCH;
    while (sealed == BATCH) {
      sealed = store.system(Sealer::sealBatch);
    }
  }

  private static int sealBatch(Tx tx) {
    Record place =
        tx.sql()
            .fetchOne(
                "select epoch, cast(xid as text) as xid, seq from audit_sealer for update skip"
                    + " locked");
    if (place == null) {
      return 0;
    }
    Result<Record> rows =
        tx.sql()
            .fetch(
                "select a.epoch, cast(a.xid as text) as xid, "
                    + Entry.COLUMNS
                    + """

                    from audit_log a
                    where (a.epoch, a.xid, a.seq) > (?, cast(cast(? as text) as xid8), ?)
                      and a.xid < pg_snapshot_xmin(pg_current_snapshot())
                    order by a.epoch, a.xid, a.seq limit ?\
                    """,
                place.get("epoch", Integer.class),
                place.get("xid", String.class),
                place.get("seq", Long.class),
                BATCH);
    if (rows.isEmpty()) {
      return 0;
    }
    Map<String, Head> heads = new HashMap<>();
    String[] orgs = new String[rows.size()];
    Long[] positions = new Long[rows.size()];
    Long[] seqs = new Long[rows.size()];
    byte[][] hashes = new byte[rows.size()][];
    for (int i = 0; i < rows.size(); i++) {
      Record row = rows.get(i);
      String org = row.get("org", String.class);
      Head head = heads.computeIfAbsent(org, o -> head(tx, o));
      Head next = new Head(head.position() + 1, Entry.hash(head.hash(), Entry.of(row)));
      heads.put(org, next);
      orgs[i] = org;
      positions[i] = next.position();
      seqs[i] = row.get("seq", Long.class);
      hashes[i] = next.hash();
    }
    tx.sql()
        .execute(
            """
            insert into audit_seals (org, position, seq, hash)
            select * from unnest(cast(? as text[]), cast(? as bigint[]), cast(? as bigint[]), cast(? as bytea[]))\
            """,
            orgs,
            positions,
            seqs,
            hashes);
    Record last = rows.getLast();
    tx.sql()
        .execute(
            "update audit_sealer set epoch = ?, xid = cast(cast(? as text) as xid8), seq = ?",
            last.get("epoch", Integer.class),
            last.get("xid", String.class),
            last.get("seq", Long.class));
    return rows.size();
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Head(long position, byte[] hash) {}

  private static Head head(Tx tx, String org) {
    List<Head> found =
        tx.sql()
            .fetch(
                "select position, hash from audit_seals where org = ? order by position desc limit"
                    + " 1",
                org)
            .map(r -> new Head(r.get("position", Long.class), r.get("hash", byte[].class)));
    return found.isEmpty() ? new Head(0, Entry.NOTHING) : found.getFirst();
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      closing.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
