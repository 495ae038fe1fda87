package com.atoll.server.webhooks;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import java.util.List;

/** Deliveries of webhooks over HTTP. */
final class DeliveriesApi {
  private final DeliveryService deliveries;
  private final Replays replays;

  DeliveriesApi(DeliveryService deliveries, Replays replays) {
    this.deliveries = deliveries;
    this.replays = replays;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        WebhooksApi.write(
                Operation.post("/webhooks/:id/test"),
                "test",
                "Sends an event of type webhook.test now and waits for what comes of it.")
            .idempotency(Idempotency.NEVER)
            .errors(ErrorCode.NOT_FOUND)
            .response(DeliveryView.class, Envelope.FLAT_MIRROR)
            .handle(deliveries::test),
        WebhooksApi.read(
                Operation.get("/webhooks/:id/deliveries"),
                "deliveries",
                "Lists deliveries of the last 30 days, newest first.")
            .errors(ErrorCode.NOT_FOUND)
            .query("state", "Only those that are pending, delivered or dead.")
            .query("event_type", "Only those of this type of event.")
            .query("event_id", "Only those of this event.")
            .query("external_workspace_id", "Only those with this attribution.")
            .query("external_user_id", "Only those with this attribution.")
            .query("external_project_id", "Only those with this attribution.")
            .query("since", "Only those that were made since this time.")
            .query("until", "Only those that were made until this time.")
            .list(DeliveryView.class)
            .handle(deliveries::list),
        WebhooksApi.read(
                Operation.get("/webhooks/:id/deliveries/:delivery_id"),
                "delivery",
                "Shows a delivery with its request and every attempt.")
            .errors(ErrorCode.NOT_FOUND, ErrorCode.DELIVERY_NOT_FOUND)
            .response(DeliveryView.class, Envelope.FLAT_MIRROR)
            .handle(deliveries::get),
        replay("replay", "replay_delivery"),
        replay("retry", "retry_delivery"),
        WebhooksApi.write(
                Operation.post("/webhooks/:id/replay"),
                "replay",
                "Queues what was given up, or a part of the log, once more; in steps.")
            .idempotency(Idempotency.KEY)
            .status(202)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.INVALID_PARAM)
            .request(ReplayMany.class)
            .response(ReplayedView.class, Envelope.FLAT_MIRROR)
            .handle(replays::replay));
  }

  private Operation<?, ?> replay(String verb, String name) {
    return WebhooksApi.write(
            Operation.post("/webhooks/:id/deliveries/:delivery_id/" + verb),
            name,
            "Sends a delivery once more, whatever became of it.")
        .idempotency(Idempotency.KEY)
        .status(202)
        .errors(ErrorCode.NOT_FOUND, ErrorCode.DELIVERY_NOT_FOUND, ErrorCode.CONFLICT)
        .request(ReplayOne.class)
        .response(Accepted.class, Envelope.DATA)
        .handle(deliveries::replay);
  }
}
