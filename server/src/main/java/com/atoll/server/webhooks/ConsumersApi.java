package com.atoll.server.webhooks;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Event subscriptions over HTTP. */
final class ConsumersApi {
  private static final Set<String> KINDS =
      Set.of("workflow", Consumer.WEBHOOK, "agent", Consumer.NOTIFICATION);
  private static final int MOST = 500;

  private final Store store;
  private final DeliveryService deliveries;

  ConsumersApi(Store store, DeliveryService deliveries) {
    this.store = store;
    this.deliveries = deliveries;
  }

  /** Body of a create. */
  record NewSubscription(
      @Doc(value = "workflow, webhook, agent or notification.", max = 20) String consumerKind,
      @Doc(
              value = "Id of the webhook; for notifications the id of your own key, or me.",
              min = 1,
              max = 128)
          String consumerId,
      @Doc(value = "An event type, or prefix.*", min = 1, max = 100) String eventType,
      @Doc("Fields of the event and what they must be; at most 8.")
          @Nullable Map<String, Object> filter,
      @Doc(value = "Only events of this workspace.", max = 128) @Nullable String workspaceId,
      @Doc(value = "Only events of this project.", max = 128) @Nullable String projectId) {}

  /** Body of a change. */
  record SubscriptionChange(
      @Doc("Whether events are routed.") @Nullable Boolean active,
      @Doc("Replaces the old filter.") @Nullable Map<String, Object> filter) {}

  /** A subscription as the API shows it. */
  record SubscriptionView(
      @Doc("Id.") String id,
      @Doc("Id of the organization.") String tenantId,
      @Doc("webhook or notification.") String consumerKind,
      @Doc("Id of the consumer.") String consumerId,
      @Doc("Which events.") String eventType,
      @Doc("Fields of the event and what they must be.") Map<String, Object> filter,
      @Doc("Only events of this workspace.") @Nullable String workspaceId,
      @Doc("Only events of this project.") @Nullable String projectId,
      @Doc("Whether events are routed.") boolean active,
      @Doc("When it was created.") Instant createdAt,
      @Doc("When it was last changed.") Instant updatedAt) {
    static SubscriptionView of(Consumer c) {
      return new SubscriptionView(
          c.id(),
          c.org().value(),
          c.kind(),
          c.consumerId(),
          c.eventType(),
          c.filter(),
          c.workspaceId(),
          c.projectId(),
          c.active(),
          c.createdAt(),
          c.updatedAt());
    }
  }

  /** All subscriptions, oldest first. */
  record Subscriptions(
      @Doc("The subscriptions.") List<SubscriptionView> data,
      @Doc("How many there are.") int total) {}

  /** A page of deliveries. */
  record Deliveries(
      @Doc("The deliveries, newest first.") List<DeliveryView> data,
      @Doc("Where the next page begins.") @Nullable String nextCursor) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        read(Operation.get("/event-subscriptions"), "list", "Lists subscriptions, oldest first.")
            .query("consumer_kind", "Only those of this kind of consumer.")
            .query("consumer_id", "Only those of this consumer.")
            .query("limit", "integer", "How many items at most.")
            .query("offset", "integer", "How many items to skip.")
            .response(Subscriptions.class, Envelope.FLAT)
            .handle(this::list),
        write(
                Operation.post("/event-subscriptions"),
                "create",
                "Routes events of a type to a consumer.")
            .idempotency(Idempotency.KEY)
            .status(201)
            .errors(
                ErrorCode.UNKNOWN_EVENT_TYPE,
                ErrorCode.INVALID_FILTER,
                ErrorCode.CONSUMER_NOT_FOUND,
                ErrorCode.QUOTA_EXCEEDED)
            .request(NewSubscription.class)
            .response(SubscriptionView.class, Envelope.DATA)
            .handle(this::create),
        read(Operation.get("/event-subscriptions/:id"), "get", "Shows a subscription.")
            .errors(ErrorCode.SUBSCRIPTION_NOT_FOUND)
            .response(SubscriptionView.class, Envelope.DATA)
            .handle(call ->
                store.transaction(
                    call.principal(), tx -> SubscriptionView.of(require(tx, call.path("id"))))),
        write(Operation.patch("/event-subscriptions/:id"), "update", "Changes a subscription.")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.SUBSCRIPTION_NOT_FOUND, ErrorCode.INVALID_FILTER)
            .request(SubscriptionChange.class)
            .response(SubscriptionView.class, Envelope.DATA)
            .handle(this::change),
        write(Operation.delete("/event-subscriptions/:id"), "delete", "Ends a subscription.")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.SUBSCRIPTION_NOT_FOUND)
            .run(this::delete),
        read(
                Operation.get("/event-subscriptions/:id/deliveries"),
                "deliveries",
                "Lists the deliveries that a subscription asked for, newest first.")
            .errors(ErrorCode.SUBSCRIPTION_NOT_FOUND)
            .query("limit", "integer", "How many items at most.")
            .query("cursor", "Where the page begins: next_cursor of the page before.")
            .response(Deliveries.class, Envelope.FLAT)
            .handle(this::deliveries),
        write(
                Operation.post("/event-deliveries/:id/redeliver"),
                "redeliver",
                "Queues a delivery that was given up once more.")
            .idempotency(Idempotency.KEY)
            .status(202)
            .errors(ErrorCode.DELIVERY_NOT_FOUND, ErrorCode.NOT_REDELIVERABLE)
            .response(Accepted.class, Envelope.DATA)
            .handle(deliveries::redeliver));
  }

  private static OperationBuilder<NoBody, NoBody> read(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return WebhooksApi.read(operation, name, summary).id("events.subscriptions." + name);
  }

  private static OperationBuilder<NoBody, NoBody> write(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return WebhooksApi.write(operation, name, summary).id("events.subscriptions." + name);
  }

  private Subscriptions list(Call call) {
    String kind = blank(call.query("consumer_kind"));
    String consumer = blank(call.query("consumer_id"));
    call.refuseCursor();
    Paging paging = call.paging();
    int most = call.query("limit") == null ? MOST : paging.limit();
    return store.transaction(
        call.principal(),
        tx ->
            new Subscriptions(
                ConsumerTable.list(tx, kind, consumer, most, paging.offset()).stream()
                    .map(SubscriptionView::of)
                    .toList(),
                ConsumerTable.count(tx, kind, consumer)));
  }

  private SubscriptionView create(Call call, NewSubscription asked) {
    if (!KINDS.contains(asked.consumerKind())) {
      throw AtollException.invalid(
          "consumer_kind", "must be workflow, webhook, agent or notification");
    }
    String type = asked.eventType();
    if (type.contains("*") && !type.endsWith(".*")) {
      throw AtollException.of(ErrorCode.UNKNOWN_EVENT_TYPE, type);
    }
    var _ = Rules.type(type, "event_type");
    Map<String, Object> filter = Rules.filter(asked.filter());
    return store.transaction(
        call.principal(),
        tx -> {
          if (ConsumerTable.count(tx, null, null) >= MOST) {
            throw AtollException.of(ErrorCode.QUOTA_EXCEEDED, MOST + " event subscriptions");
          }
          Consumer made =
              ConsumerTable.insert(
                  tx,
                  new Consumer(
                      Ids.next(Consumer.PREFIX),
                      tx.org(),
                      asked.consumerKind(),
                      consumer(tx, call, asked),
                      type,
                      filter,
                      asked.workspaceId(),
                      asked.projectId(),
                      call.principal().externalUser(),
                      true,
                      Instant.EPOCH,
                      Instant.EPOCH));
          tx.event(
              "event_subscription.created",
              "event_subscription",
              made.id(),
              1,
              Map.of("event_type", type));
          SubscriptionView view = SubscriptionView.of(made);
          call.idempotentAnswer(tx, view, made.id());
          return view;
        });
  }

  /** The consumer must be there, and be the caller's. */
  private static String consumer(Tx tx, Call call, NewSubscription asked) {
    String id = asked.consumerId();
    String own = call.principal().key().value();
    boolean known =
        switch (asked.consumerKind()) {
          case Consumer.WEBHOOK -> WebhookTable.find(tx, id).isPresent();
          case Consumer.NOTIFICATION -> id.equals("me") || id.equals(own);
          default -> false;
        };
    if (!known) {
      throw AtollException.of(ErrorCode.CONSUMER_NOT_FOUND, asked.consumerKind() + " " + id);
    }
    return asked.consumerKind().equals(Consumer.NOTIFICATION) ? own : id;
  }

  private SubscriptionView change(Call call, SubscriptionChange asked) {
    Map<String, Object> filter = asked.filter() == null ? null : Rules.filter(asked.filter());
    String id = call.path("id");
    return store.transaction(
        call.principal(),
        tx ->
            SubscriptionView.of(
                ConsumerTable.change(tx, id, asked.active(), filter)
                    .orElseThrow(() -> unknown(id))));
  }

  private void delete(Call call) {
    String id = call.path("id");
    store.execute(
        call.principal(),
        tx -> {
          if (!ConsumerTable.delete(tx, id)) {
            throw unknown(id);
          }
        });
  }

  private Deliveries deliveries(Call call) {
    String id = call.path("id");
    var _ = store.transaction(call.principal(), tx -> require(tx, id));
    Page<DeliveryView> page = deliveries.ofSubscription(call, id);
    return new Deliveries(page.items(), page.nextCursor());
  }

  private static Consumer require(Tx tx, String id) {
    return ConsumerTable.find(tx, id).orElseThrow(() -> unknown(id));
  }

  private static @Nullable String blank(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }

  private static AtollException unknown(String id) {
    return AtollException.of(ErrorCode.SUBSCRIPTION_NOT_FOUND, id);
  }
}
