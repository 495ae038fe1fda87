package com.atoll.server.webhooks;

import com.atoll.model.AtollException;
import com.atoll.server.store.Store;
import com.atoll.server.store.UnknownOutcomeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes endings, many in one transaction when they come fast. What cannot be written within the
 * lease is due again: it was sent at least once.
 */
final class Recorder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);
  private static final int MOST = 200;
  private static final long PATIENCE_NANOS = DeliveryTable.LEASE_SECONDS * 1_000_000_000L;
  private static final long AWAY_NANOS = 200_000_000;

  private final Store store;
  private final LinkedBlockingQueue<Item> queue = new LinkedBlockingQueue<>();
  private final Thread thread = Thread.ofVirtual().name("webhook-recorder").unstarted(this::work);
  private volatile boolean closed;

  private record Item(Ending ending, CompletableFuture<Boolean> written) {}

  Recorder(Store store) {
    this.store = store;
  }

  void start() {
    thread.start();
  }

  /** Waits until the ending is written; false when it could not be. */
  boolean record(Ending ending) throws InterruptedException {
    Item item = new Item(ending, new CompletableFuture<>());
    queue.add(item);
    try {
      return item.written().get();
    } catch (java.util.concurrent.ExecutionException never) {
      throw new IllegalStateException(never);
    }
  }

  private void work() {
    List<Item> batch = new ArrayList<>();
    try {
      while (!closed) {
        batch.add(queue.take());
        queue.drainTo(batch, MOST - 1);
        boolean written = write(batch.stream().map(Item::ending).toList());
        batch.forEach(item -> item.written().complete(written));
        batch.clear();
      }
    } catch (InterruptedException stopped) {
      batch.addAll(queue);
      batch.forEach(item -> item.written().complete(false));
    }
  }

  private boolean write(List<Ending> endings) {
    long until = System.nanoTime() + PATIENCE_NANOS;
    while (!closed && System.nanoTime() < until) {
      try {
        store.executeSystem(tx -> EndingTable.record(tx, endings));
        CrashPoint.AFTER_RECORD.reach();
        return true;
      } catch (AtollException | UnknownOutcomeException away) {
        LOG.debug("Endings of webhook deliveries wait for the database.", away);
        LockSupport.parkNanos(AWAY_NANOS);
      } catch (RuntimeException e) {
        LOG.warn("{} endings of webhook deliveries could not be written.", endings.size(), e);
        return false;
      }
    }
    return false;
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
