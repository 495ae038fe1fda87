package com.atoll.server.webhooks;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import java.util.List;

/** Webhooks over HTTP. */
final class WebhooksApi {
  static final String READ = "webhooks:read";
  static final String WRITE = "webhooks:write";

  private final WebhookService webhooks;

  WebhooksApi(WebhookService webhooks) {
    this.webhooks = webhooks;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        read(Operation.get("/webhooks"), "list", "Lists webhooks, newest first.")
            .query("active", "boolean", "Only those that are active, or only the others.")
            .list(WebhookView.class)
            .handle(webhooks::list),
        write(Operation.post("/webhooks"), "create", "Creates a webhook; its secret is shown once.")
            .idempotency(Idempotency.KEY)
            .status(201)
            .errors(
                ErrorCode.UNKNOWN_EVENT_TYPE,
                ErrorCode.QUOTA_EXCEEDED,
                ErrorCode.WORKSPACE_NOT_FOUND,
                ErrorCode.PROJECT_NOT_FOUND)
            .request(NewWebhook.class)
            .response(WebhookView.class, Envelope.FLAT_MIRROR)
            .handle(webhooks::create),
        read(Operation.get("/webhooks/events"), "events", "Lists the types of events there are.")
            .response(Catalogue.class, Envelope.FLAT)
            .handle(call -> Catalogue.now()),
        read(Operation.get("/webhooks/:id"), "get", "Shows a webhook.")
            .errors(ErrorCode.NOT_FOUND)
            .response(WebhookView.class, Envelope.FLAT_MIRROR)
            .handle(webhooks::get),
        write(Operation.patch("/webhooks/:id"), "update", "Changes a webhook.")
            .idempotency(Idempotency.NATURAL)
            .errors(
                ErrorCode.NOT_FOUND,
                ErrorCode.UNKNOWN_EVENT_TYPE,
                ErrorCode.WORKSPACE_NOT_FOUND,
                ErrorCode.PROJECT_NOT_FOUND)
            .request(WebhookChange.class)
            .response(WebhookView.class, Envelope.FLAT_MIRROR)
            .handle(webhooks::update),
        write(
                Operation.delete("/webhooks/:id"),
                "delete",
                "Deletes a webhook and what waits for it.")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND)
            .run(webhooks::delete),
        write(
                Operation.post("/webhooks/:id/rotate-secret"),
                "rotate_secret",
                "Gives a webhook a new secret; for a while the old one signs too.")
            .idempotency(Idempotency.KEY)
            .errors(ErrorCode.NOT_FOUND)
            .request(NewSecret.class)
            .response(WebhookView.class, Envelope.FLAT_MIRROR)
            .handle(webhooks::rotate));
  }

  static OperationBuilder<NoBody, NoBody> read(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation.id("webhooks." + name).summary(summary).priority("P2").scope(READ);
  }

  static OperationBuilder<NoBody, NoBody> write(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation.id("webhooks." + name).summary(summary).priority("P2").scope(WRITE);
  }
}
