package com.atoll.server.webhooks;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.events.EventLog;
import com.atoll.server.events.Position;
import com.atoll.server.events.StoredEvent;
import com.atoll.server.http.Call;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Queues many deliveries once more: those that were given up, or a part of the log. */
final class Replays {
  private static final int MOST = 1_000;

  /** How much of the log one call looks at. */
  private static final int MOST_PAGES = 5;

  private final Store store;
  private final Dispatcher dispatcher;

  Replays(Store store, Dispatcher dispatcher) {
    this.store = store;
    this.dispatcher = dispatcher;
  }

  ReplayedView replay(Call call, ReplayMany asked) {
    boolean events = "events".equals(asked.source());
    if (events && asked.afterId() == null && asked.since() == null) {
      throw AtollException.invalid("after_id", "or since is required to replay events");
    }
    if (events && asked.deliveryIds() != null) {
      throw AtollException.invalid("delivery_ids", "must be absent when events are replayed");
    }
    ReplayedView view =
        store.transaction(
            call.principal(),
            tx -> {
              Webhook webhook = WebhookService.require(tx, call.path("id"));
              ReplayedView done = events ? ofLog(tx, webhook, asked) : ofDead(tx, webhook, asked);
              call.idempotentAnswer(tx, done, webhook.id());
              return done;
            });
    dispatcher.wake(call.path("id"));
    return view;
  }

  private static ReplayedView ofDead(Tx tx, Webhook webhook, ReplayMany asked) {
    int most = limit(asked);
    List<Delivery> dead = DeliveryTable.dead(tx, matching(webhook, asked), most + 1);
    List<Delivery> taken = dead.subList(0, Math.min(most, dead.size()));
    taken.forEach(delivery -> DeliveryTable.requeue(tx, delivery.id()));
    boolean more = dead.size() > most;
    return new ReplayedView(taken.size(), more, more ? taken.getLast().eventId() : null);
  }

  private static Condition matching(Webhook webhook, ReplayMany asked) {
    Condition where = DSL.condition("d.webhook_id = ?", webhook.id());
    List<String> ids = asked.deliveryIds();
    if (ids != null) {
      where =
          where.and(
              DSL.condition("d.id = any (cast(? as text[]))", (Object) ids.toArray(String[]::new)));
    }
    where = where.and(beside(asked.afterId(), "after_id", ">"));
    where = where.and(beside(asked.untilId(), "until_id", "<="));
    where = where.and(time(asked.since(), ">="));
    return where.and(time(asked.until(), "<="));
  }

  private static Condition beside(@Nullable String id, String field, String comparison) {
    Position place = position(id, field);
    return place == null
        ? DSL.noCondition()
        : DSL.condition(
            "(d.epoch, d.xid, d.seq) " + comparison + " (?, ?, ?)",
            place.epoch(),
            place.xid(),
            place.seq());
  }

  private static Condition time(@Nullable Instant at, String comparison) {
    return at == null
        ? DSL.noCondition()
        : DSL.condition(
            "d.created_at " + comparison + " cast(? as timestamptz)", WebhookTable.at(at));
  }

  private static ReplayedView ofLog(Tx tx, Webhook webhook, ReplayMany asked) {
    int most = limit(asked);
    Position from = position(asked.afterId(), "after_id");
    Position to = position(asked.untilId(), "until_id");
    Position cursor = from == null ? Position.START : from;
    List<NewDelivery> made = new ArrayList<>();
    boolean more = true;
    for (int page = 0; page < MOST_PAGES && more; page++) {
      List<StoredEvent> events = EventLog.after(tx, tx.org().value(), cursor, MOST);
      more = events.size() == MOST;
      for (StoredEvent stored : events) {
        boolean beyond =
            (to != null && stored.position().compareTo(to) > 0)
                || (asked.until() != null && stored.at().isAfter(asked.until()));
        if (beyond || made.size() == most) {
          return queued(tx, made, !beyond, cursor);
        }
        cursor = stored.position();
        boolean young = asked.since() == null || !stored.at().isBefore(asked.since());
        if (young && webhook.wants(stored.event())) {
          made.add(NewDelivery.of(webhook, null, stored).replay(stored.position().id(), null));
        }
      }
    }
    return queued(tx, made, more, cursor);
  }

  private static ReplayedView queued(Tx tx, List<NewDelivery> made, boolean more, Position cursor) {
    if (!made.isEmpty()) {
      var _ = DeliveryTable.insert(tx, made);
    }
    return new ReplayedView(made.size(), more, more ? cursor.id() : null);
  }

  private static int limit(ReplayMany asked) {
    Integer limit = asked.limit();
    return limit == null ? MOST : limit;
  }

  private static @Nullable Position position(@Nullable String id, String field) {
    if (id == null || id.isEmpty()) {
      return null;
    }
    Optional<Position> place = Position.of(id);
    if (place.isEmpty()) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, field);
    }
    return place.get();
  }
}
