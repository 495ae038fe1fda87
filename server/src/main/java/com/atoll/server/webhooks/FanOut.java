package com.atoll.server.webhooks;

import com.atoll.model.AtollException;
import com.atoll.server.events.EventLog;
import com.atoll.server.events.Feed;
import com.atoll.server.events.Position;
import com.atoll.server.events.StoredEvent;
import com.atoll.server.events.Subscription;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jooq.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the event log into deliveries. The feed says when there is something; a row says how far
 * the log was taken, and moves in the transaction that makes the deliveries, so that none is lost
 * and none is made twice, whichever process does it.
 */
final class FanOut implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FanOut.class);
  private static final int BATCH = 500;
  private static final int MOST_BEHIND = 1_000;
  private static final long LOOK_AROUND = 30_000_000_000L;
  private static final long AWAY_NANOS = 500_000_000;

  private final Store store;
  private final Feed feed;
  private final Dispatcher dispatcher;
  private final Thread thread = Thread.ofVirtual().name("webhook-fan-out").unstarted(this::work);
  private volatile boolean closed;
  private Set<String> interested = Set.of();
  private int behind;

  FanOut(Store store, Feed feed, Dispatcher dispatcher) {
    this.store = store;
    this.feed = feed;
    this.dispatcher = dispatcher;
  }

  void start() {
    thread.start();
  }

  private void work() {
    try {
      Subscription all = feed.subscribe();
      boolean due = true;
      while (!closed) {
        try {
          if (due) {
            refresh();
            drain();
            due = false;
          }
          List<StoredEvent> batch = all.next(LOOK_AROUND);
          behind += batch.size();
          due = batch.stream().anyMatch(this::matters) || behind >= MOST_BEHIND;
        } catch (AtollException away) {
          due = true;
          LockSupport.parkNanos(AWAY_NANOS);
        } catch (RuntimeException e) {
          due = true;
          LOG.warn("Events could not be turned into deliveries.", e);
          LockSupport.parkNanos(AWAY_NANOS);
        }
      }
    } catch (InterruptedException stopped) {
      LOG.debug("The making of deliveries ends.");
    }
  }

  /** Whether somebody may want it, or who wants what may have changed. */
  private boolean matters(StoredEvent stored) {
    String type = stored.event().type();
    return !Webhook.isAboutDelivery(type)
        && (interested.contains(stored.org())
            || type.startsWith("webhook.")
            || type.startsWith("event_subscription."));
  }

  private void refresh() {
    interested =
        store.system(tx ->
            tx
                .sql()
                .fetch("select distinct org from webhooks where active")
                .map(row -> row.get(0, String.class))
                .stream()
                .collect(Collectors.toUnmodifiableSet()));
  }

  private void drain() {
    Set<String> woken = new HashSet<>();
    int taken = BATCH;
    while (taken == BATCH && !closed) {
      taken = store.system(tx -> step(tx, woken));
      CrashPoint.AFTER_FAN_OUT.reach();
      woken.forEach(dispatcher::wake);
      woken.clear();
    }
    behind = 0;
  }

  private static int step(Tx tx, Set<String> woken) {
    Record row = tx.sql().fetchSingle("select epoch, xid, seq from webhook_cursor for update");
    Position from =
        new Position(
            row.get("epoch", Integer.class),
            row.get("xid", Long.class),
            row.get("seq", Long.class));
    List<StoredEvent> events = EventLog.after(tx, from, BATCH);
    if (events.isEmpty()) {
      return 0;
    }
    Set<String> orgs = events.stream().map(StoredEvent::org).collect(Collectors.toSet());
    List<NewDelivery> made = deliveries(tx, events, orgs);
    if (!made.isEmpty()) {
      var _ = DeliveryTable.insert(tx, made);
      made.forEach(delivery -> woken.add(delivery.webhook().id()));
    }
    Position to = events.getLast().position();
    tx.sql()
        .execute(
            "update webhook_cursor set epoch = ?, xid = ?, seq = ?",
            to.epoch(),
            to.xid(),
            to.seq());
    return events.size();
  }

  private static List<NewDelivery> deliveries(Tx tx, List<StoredEvent> events, Set<String> orgs) {
    List<Webhook> webhooks = WebhookTable.active(tx, orgs);
    if (webhooks.isEmpty()) {
      return List.of();
    }
    Map<String, Webhook> byId = new HashMap<>();
    webhooks.forEach(webhook -> byId.put(webhook.id(), webhook));
    List<Consumer> consumers = ConsumerTable.toWebhooks(tx, orgs);
    List<NewDelivery> made = new ArrayList<>();
    for (StoredEvent stored : events) {
      if (Webhook.isAboutDelivery(stored.event().type())) {
        continue;
      }
      Set<String> wanted = new HashSet<>();
      for (Webhook webhook : webhooks) {
        if (webhook.org().value().equals(stored.org())
            && !stored.at().isBefore(webhook.createdAt())
            && webhook.wants(stored.event())) {
          wanted.add(webhook.id());
          made.add(NewDelivery.of(webhook, null, stored));
        }
      }
      for (Consumer consumer : consumers) {
        Webhook webhook = byId.get(consumer.consumerId());
        // What the webhook gets anyway is not sent once more.
        if (webhook != null
            && !wanted.contains(webhook.id())
            && webhook.org().value().equals(stored.org())
            && !stored.at().isBefore(consumer.createdAt())
            && consumer.wants(stored.event())) {
          made.add(NewDelivery.of(webhook, consumer.id(), stored));
        }
      }
    }
    return made;
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
