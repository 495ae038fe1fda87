package com.atoll.server.webhooks;

import com.atoll.model.AtollException;
import com.atoll.server.outbound.Outbound;
import com.atoll.server.store.Store;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a lane for each webhook that has something to send. New deliveries wake theirs at once;
 * retries, and what a process left that ended, are found by a look at what is due.
 */
final class Dispatcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
  private static final long LOOK_SECONDS = 2;
  private static final int KEPT_DAYS = 30;
  private static final int SWEEP = 2_000;

  private final Store store;
  private final Secrets secrets;
  private final Outbound sender;
  private final Recorder recorder;
  private final ConcurrentHashMap<String, Lane> lanes = new ConcurrentHashMap<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofVirtual().name("webhook-clock").factory());
  private volatile boolean closed;

  Dispatcher(Store store, Secrets secrets, Outbound sender) {
    this.store = store;
    this.secrets = secrets;
    this.sender = sender;
    recorder = new Recorder(store);
  }

  Recorder recorder() {
    return recorder;
  }

  Outbound sender() {
    return sender;
  }

  void start() {
    recorder.start();
    var _ = clock.scheduleWithFixedDelay(this::look, 0, LOOK_SECONDS, TimeUnit.SECONDS);
  }

  /** Something may be due for this webhook. */
  void wake(String webhook) {
    if (closed) {
      return;
    }
    lanes.compute(
        webhook,
        (id, running) -> {
          if (running != null && running.wake()) {
            return running;
          }
          Lane lane = new Lane(id, store, secrets, sender, recorder);
          Thread.ofVirtual().name("webhook-lane-" + id).start(() -> run(id, lane));
          return lane;
        });
  }

  private void run(String webhook, Lane lane) {
    try {
      lane.run();
    } finally {
      lanes.remove(webhook, lane);
    }
  }

  private void look() {
    try {
      store.system(DeliveryTable::due).forEach(this::wake);
    } catch (AtollException away) {
      LOG.debug("Webhooks wait for the database.", away);
    } catch (RuntimeException e) {
      LOG.warn("What is due for webhooks could not be read.", e);
    }
  }

  /** Gives up and deletes what is too old. */
  void sweep() {
    OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC);
    while (store.system(tx -> DeliveryTable.expire(tx, now.minus(Schedule.END), SWEEP)) == SWEEP) {
      LOG.debug("More deliveries that waited too long are given up.");
    }
    while (store.system(tx -> DeliveryTable.sweep(tx, now.minusDays(KEPT_DAYS), SWEEP)) == SWEEP) {
      LOG.debug("More old deliveries are deleted.");
    }
  }

  @Override
  public void close() {
    closed = true;
    clock.shutdownNow();
    lanes.values().forEach(Lane::close);
    recorder.close();
  }
}
