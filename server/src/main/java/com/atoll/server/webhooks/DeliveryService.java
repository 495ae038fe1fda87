package com.atoll.server.webhooks;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.server.events.Position;
import com.atoll.server.events.StoredEvent;
import com.atoll.server.http.Call;
import com.atoll.server.http.Page;
import com.atoll.server.http.Times;
import com.atoll.server.outbound.Answer;
import com.atoll.server.store.Event;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jooq.Condition;
import org.jooq.impl.DSL;

/** Shows deliveries, sends a test, and queues what was given up once more. */
final class DeliveryService {
  private static final long MASK = (1L << 55) - 1;

  private final Store store;
  private final WebhookService webhooks;
  private final Dispatcher dispatcher;

  DeliveryService(Store store, WebhookService webhooks, Dispatcher dispatcher) {
    this.store = store;
    this.webhooks = webhooks;
    this.dispatcher = dispatcher;
  }

  Page<DeliveryView> list(Call call) {
    return store.transaction(
        call.principal(),
        tx -> {
          Webhook webhook = WebhookService.require(tx, call.path("id"));
          Condition where =
              DSL.condition("d.webhook_id = ?", webhook.id())
                  .and(equal(call, "state"))
                  .and(equal(call, "event_type"))
                  .and(equal(call, "event_id"))
                  .and(equal(call, "external_workspace_id"))
                  .and(equal(call, "external_user_id"))
                  .and(equal(call, "external_project_id"))
                  .and(time(call, "since", ">="))
                  .and(time(call, "until", "<="));
          return DeliveryTable.page(tx, where, call.paging()).map(DeliveryView::of);
        });
  }

  /** The deliveries that an event subscription asked for. */
  Page<DeliveryView> ofSubscription(Call call, String subscription) {
    return store.transaction(
        call.principal(),
        tx ->
            DeliveryTable.page(
                    tx, DSL.condition("d.subscription_id = ?", subscription), call.paging())
                .map(DeliveryView::of));
  }

  DeliveryView get(Call call) {
    return store.transaction(
        call.principal(),
        tx -> {
          Webhook webhook = WebhookService.require(tx, call.path("id"));
          return DeliveryView.whole(require(tx, webhook, call.path("delivery_id")), webhook);
        });
  }

  /** Sends an event that nobody wrote, now, once. */
  DeliveryView test(Call call) throws InterruptedException {
    String id = call.path("id");
    record Claimed(Outgoing outgoing, Delivery delivery) {}
    Claimed claimed =
        store.transaction(
            call.principal(),
            tx -> {
              Outgoing outgoing = webhooks.outgoing(tx, id);
              return new Claimed(
                  outgoing, DeliveryTable.insertClaimed(tx, sample(outgoing.webhook())));
            });
    Answer answer = claimed.outgoing().send(dispatcher.sender(), claimed.delivery());
    CrashPoint.AFTER_SEND.reach();
    boolean written =
        dispatcher
            .recorder()
            .record(
                Ending.of(claimed.delivery(), answer, Instant.now(), ThreadLocalRandom.current()));
    if (!written) {
      throw AtollException.of(ErrorCode.DATABASE_UNAVAILABLE);
    }
    return store.transaction(
        call.principal(),
        tx -> {
          Webhook webhook = WebhookService.require(tx, id);
          return DeliveryView.whole(require(tx, webhook, claimed.delivery().id()), webhook);
        });
  }

  private static NewDelivery sample(Webhook webhook) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    // Before every event of the log, so that it waits for none.
    Position place = new Position(0, random.nextLong() & MASK, random.nextLong() & MASK);
    Event event =
        webhook.event(
            EndingTable.TEST,
            Map.of("webhook_id", webhook.id(), "message", "This is a test of your webhook."));
    return NewDelivery.of(
        webhook, null, new StoredEvent(place, webhook.org().value(), event, Instant.now()));
  }

  /** Sends one delivery once more, whatever became of it. */
  Accepted replay(Call call, ReplayOne asked) {
    Accepted queued =
        store.transaction(
            call.principal(),
            tx -> {
              Webhook webhook = WebhookService.require(tx, call.path("id"));
              Delivery old = require(tx, webhook, call.path("delivery_id"));
              String id = Ids.next(NewDelivery.PREFIX);
              if (!DeliveryTable.copy(
                  tx, old.id(), id, webhook.retryCount() + 1, asked.replayId())) {
                throw AtollException.of(ErrorCode.CONFLICT, "the replay_id was used before");
              }
              Accepted view = new Accepted(id, Delivery.PENDING);
              call.idempotentAnswer(tx, view, webhook.id());
              return view;
            });
    dispatcher.wake(call.path("id"));
    return queued;
  }

  /** Queues a delivery that was given up once more. */
  Accepted redeliver(Call call) {
    String id = call.path("id");
    Delivery[] found = new Delivery[1];
    Accepted queued =
        store.transaction(
            call.principal(),
            tx -> {
              Delivery delivery =
                  DeliveryTable.lock(tx, id)
                      .orElseThrow(() -> AtollException.of(ErrorCode.DELIVERY_NOT_FOUND, id));
              if (!delivery.state().equals(Delivery.DEAD)) {
                throw AtollException.of(ErrorCode.NOT_REDELIVERABLE, delivery.state());
              }
              found[0] = delivery;
              DeliveryTable.requeue(tx, id);
              Accepted view = new Accepted(id, Delivery.PENDING);
              call.idempotentAnswer(tx, view, delivery.webhookId());
              return view;
            });
    dispatcher.wake(found[0].webhookId());
    return queued;
  }

  private static Delivery require(Tx tx, Webhook webhook, String id) {
    return DeliveryTable.find(tx, webhook.id(), id)
        .orElseThrow(() -> AtollException.of(ErrorCode.DELIVERY_NOT_FOUND, id));
  }

  private static Condition equal(Call call, String column) {
    String value = call.query(column);
    return value == null || value.isEmpty()
        ? DSL.noCondition()
        : DSL.field(DSL.name("d", column), String.class).eq(value);
  }

  private static Condition time(Call call, String name, String comparison) {
    OffsetDateTime at = Times.of(name, call.query(name));
    return at == null
        ? DSL.noCondition()
        : DSL.condition("d.created_at " + comparison + " cast(? as timestamptz)", at);
  }
}
