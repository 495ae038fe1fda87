package com.atoll.server.webhooks;

import com.atoll.server.events.Feed;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Operation;
import com.atoll.server.outbound.Outbound;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import java.util.ArrayList;
import java.util.List;

/** Webhooks, their deliveries, and the subscriptions that route events. */
public final class WebhooksCapability implements Capability {
  private final List<Operation<?, ?>> operations = new ArrayList<>();
  private final Dispatcher dispatcher;
  private final FanOut fanOut;

  /** Webhooks that are sent this way. */
  public WebhooksCapability(Outbound outbound, Store store, Vault vault, Feed feed) {
    Secrets secrets = new Secrets(vault);
    dispatcher = new Dispatcher(store, secrets, outbound);
    fanOut = new FanOut(store, feed, dispatcher);
    WebhookService webhooks = new WebhookService(store, secrets, outbound);
    DeliveryService deliveries = new DeliveryService(store, webhooks, dispatcher);
    operations.addAll(new WebhooksApi(webhooks).operations());
    operations.addAll(new DeliveriesApi(deliveries, new Replays(store, dispatcher)).operations());
    operations.addAll(new ConsumersApi(store, deliveries).operations());
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return operations;
  }

  @Override
  public void start() {
    dispatcher.start();
    fanOut.start();
  }

  /** Gives up and deletes what is too old. */
  public void sweep() {
    dispatcher.sweep();
  }

  @Override
  public void close() {
    fanOut.close();
    dispatcher.close();
  }
}
