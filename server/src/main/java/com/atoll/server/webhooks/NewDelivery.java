package com.atoll.server.webhooks;

import com.atoll.model.Ids;
import com.atoll.server.events.StoredEvent;
import com.atoll.server.store.Event;
import org.jspecify.annotations.Nullable;

/** An event for one webhook, before it is a row. */
record NewDelivery(
    String id,
    Webhook webhook,
    @Nullable String subscription,
    StoredEvent event,
    String body,
    @Nullable String replayOf,
    @Nullable String replayId) {
  static final String PREFIX = "whd";

  static NewDelivery of(Webhook webhook, @Nullable String subscription, StoredEvent event) {
    return new NewDelivery(
        Ids.next(PREFIX),
        webhook,
        subscription,
        event,
        Bodies.of(event, webhook.apiVersion()),
        null,
        null);
  }

  /** The same once more, at somebody's wish. */
  NewDelivery replay(String of, @Nullable String wish) {
    return new NewDelivery(id, webhook, subscription, event, body, of, wish);
  }

  Event told() {
    return event.event();
  }
}
