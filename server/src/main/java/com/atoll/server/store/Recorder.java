package com.atoll.server.store;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the records of deeds that change nothing in the database, as running a command does. All
 * that wait at a time share one transaction. It need not reach the disk before the answer does: a
 * killed server loses none, and a machine that loses its power has lost the command too.
 */
public final class Recorder implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Recorder.class);
  private static final int MOST = 200;
  private static final long PATIENCE_SECONDS = 10;
  private static final int ATTEMPTS = 40;
  private static final long PAUSE_MS = 200;

  /** So many at a time come from as many callers, whose answers take longer than the gathering. */
  private static final int MANY = 4;

  private static final long GATHER_MS = 6;

  private final Store store;
  private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  private record Waiting(Deed deed, CompletableFuture<Boolean> done) {}

  /** A recorder of this store. */
  public Recorder(Store store) {
    this.store = store;
  }

  /** Begins to write. */
  public void start() {
    Thread.ofVirtual().name("audit-recorder").start(this::run);
  }

  /** Has a record written that is still missing; {@link Receipt#await} says when it is there. */
  public Receipt keep(Deed deed) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    if (deed.take()) {
      queue.add(new Waiting(deed, done));
    } else {
      done.complete(true);
    }
    return new Receipt(done);
  }

  /** A record on its way. */
  public record Receipt(CompletableFuture<Boolean> done) {
    /** Waits until the record is there. */
    public void await() {
      try {
        done.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw AtollException.of(ErrorCode.DATABASE_UNAVAILABLE);
      } catch (ExecutionException | TimeoutException e) {
        throw AtollException.causedBy(e, ErrorCode.DATABASE_UNAVAILABLE);
      }
    }
  }

  private void run() {
    List<Waiting> batch = new ArrayList<>();
    int last = 0;
    while (closed.getCount() > 0) {
      try {
        batch.add(queue.take());
        if (last >= MANY || queue.size() >= MANY - 1) {
          var _ = closed.await(GATHER_MS, TimeUnit.MILLISECONDS);
        }
        queue.drainTo(batch, MOST - 1);
        last = batch.size();
        write(batch);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      batch.clear();
    }
  }

  /** Tries for a while: what is recorded has mostly been done already, and is not undone. */
  private void write(List<Waiting> batch) throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        store.executeSystem(tx -> {
          tx.later("set local synchronous_commit = off");
          batch.forEach(w -> tx.later(Trail.WRITE, Trail.values(w.deed()).toArray()));
        });
        batch.forEach(w -> w.done().complete(true));
        return;
      } catch (RuntimeException e) {
        // Rather twice than never, where nobody knows.
        boolean away = SqlFaults.isAway(e);
        if (away && attempt < ATTEMPTS && !closed.await(PAUSE_MS, TimeUnit.MILLISECONDS)) {
          continue;
        }
        if (!away && batch.size() > 1) {
          // One that cannot be written must not take the others with it.
          for (Waiting one : batch) {
            write(List.of(one));
          }
          return;
        }
        fail(batch, e);
        return;
      }
    }
  }

  private static void fail(List<Waiting> batch, RuntimeException why) {
    log.warn("{} records of the audit log could not be written", batch.size(), why);
    batch.forEach(w -> {
      w.deed().notWritten();
      w.done().completeExceptionally(why);
    });
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
