package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.server.sandboxes.BatchStore.Order;
import com.atoll.server.store.Store;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the sandboxes of batches, some at a time, and goes on after a restart: an item is done in
 * the transaction of its sandbox, so that none is made twice.
 */
final class BatchDriver implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BatchDriver.class);
  private static final int AT_ONCE = 16;
  private static final int TRIES = 30;
  private static final long BETWEEN_MS = 1_000;

  private final Store store;
  private final BatchStore batches;
  private final Planner planner;
  private final Rows rows;
  private final Creation creation;
  private final Semaphore room = new Semaphore(AT_ONCE, true);
  private final Set<String> driven = ConcurrentHashMap.newKeySet();
  private final Map<String, CompletableFuture<Boolean>> listeners = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  BatchDriver(Store store, BatchStore batches, Planner planner, Rows rows, Creation creation) {
    this.store = store;
    this.batches = batches;
    this.planner = planner;
    this.rows = rows;
    this.creation = creation;
  }

  /** Goes on with every batch that is not settled. */
  void resume() {
    store.system(batches::running).forEach(this::drive);
  }

  /** Works on a batch in the background; once is enough. */
  void drive(String id, OrganizationId org) {
    if (driven.add(id)) {
      Thread.ofVirtual().name(id).start(() -> work(id, org));
    }
  }

  private void work(String id, OrganizationId org) {
    try {
      Order order = store.transaction(org, tx -> batches.order(tx, id));
      Queue<Integer> positions =
          new ConcurrentLinkedQueue<>(store.transaction(org, tx -> batches.pending(tx, id)));
      Batch batch = store.transaction(org, tx -> batches.find(tx, id));
      List<Thread> workers =
          java.util.stream.IntStream.range(0, batch.concurrency())
              .mapToObj(i -> Thread.ofVirtual().start(() -> take(batch, order, positions)))
              .toList();
      for (Thread worker : workers) {
        worker.join();
      }
      store.execute(org, tx -> batches.settle(tx, id));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException failed) {
      LOG.warn("Batch {} stopped; the next start goes on with it.", id, failed);
    } finally {
      driven.remove(id);
      changed(id);
    }
  }

  private void take(Batch batch, Order order, Queue<Integer> positions) {
    @Nullable Integer position = positions.poll();
    try {
      while (position != null && closed.getCount() > 0) {
        room.acquire();
        try {
          createOne(batch, order, position);
        } finally {
          room.release();
        }
        changed(batch.id());
        position = positions.poll();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException failed) {
      LOG.warn("A worker of batch {} stopped.", batch.id(), failed);
    }
  }

  /** Creates one sandbox; what may pass is tried again. */
  private void createOne(Batch batch, Order order, int position) throws InterruptedException {
    for (int i = 1; i <= TRIES; i++) {
      try {
        create(batch, order, position);
        return;
      } catch (GivenUpException canceled) {
        return;
      } catch (AtollException refused) {
        boolean passes =
            refused.code() == ErrorCode.NODE_UNAVAILABLE
                || refused.code() == ErrorCode.NO_READY_MACHINE
                || refused.code() == ErrorCode.DATABASE_UNAVAILABLE;
        if (!passes || i == TRIES) {
          store.execute(batch.org(), tx -> batches.failed(tx, batch.id(), position, refused));
          return;
        }
        store.execute(batch.org(), tx -> batches.reopen(tx, batch.id(), position));
      } catch (RuntimeException broken) {
        LOG.warn("Item {} of batch {} failed.", position, batch.id(), broken);
        AtollException error = AtollException.of(ErrorCode.INTERNAL_ERROR);
        store.execute(batch.org(), tx -> batches.failed(tx, batch.id(), position, error));
        return;
      }
      if (closed.await(BETWEEN_MS, TimeUnit.MILLISECONDS)) {
        return;
      }
    }
  }

  private void create(Batch batch, Order order, int position) {
    Plan plan = planner.plan(named(order.request(), position), batch.org(), order.owner());
    creation.create(
        plan,
        () ->
            store.execute(
                batch.org(),
                tx -> {
                  if (!batches.done(tx, batch.id(), position, plan.sandbox().id())) {
                    throw new GivenUpException();
                  }
                  rows.insert(tx, plan);
                }));
  }

  private static CreateSandbox named(CreateSandbox request, int position) {
    return request.name() == null ? request : request.named(request.name() + "-" + position);
  }

  /** The item was canceled or is done already. */
  private static final class GivenUpException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Waits until something of this batch changes, at most so long. */
  void await(String id, long milliseconds) throws InterruptedException {
    try {
      listeners
          .computeIfAbsent(id, key -> new CompletableFuture<>())
          .get(milliseconds, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException quiet) {
      LOG.trace("Batch {} is as it was.", id);
    }
  }

  /** Tells those who wait. */
  void changed(String id) {
    CompletableFuture<Boolean> signal = listeners.remove(id);
    if (signal != null) {
      signal.complete(true);
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
