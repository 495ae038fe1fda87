package com.atoll.server.webhooks;

import com.atoll.server.http.Doc;
import com.atoll.server.http.Json;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** A delivery as the API shows it. */
record DeliveryView(
    @Doc("Id.") String id,
    @Doc("The webhook.") String webhookId,
    @Doc("The event subscription that asked for it, if one did.") @Nullable String subscriptionId,
    @Doc("Id of the event; the receiver sees it as webhook-id, the same at each attempt.")
        String eventId,
    @Doc("Type of the event.") String eventType,
    @Doc("pending, delivered, or dead: given up, kept for 30 days.") String state,
    @Doc("Whether the receiver has accepted it.") boolean success,
    @Doc("How many attempts were begun.") int attempt,
    @Doc("The receiver's status at the last attempt.") @Nullable Integer statusCode,
    @Doc("How long the last attempt took.") @Nullable Integer durationMs,
    @Doc("The beginning of what the receiver answered.") @Nullable String responseBody,
    @Doc("What went wrong at the last attempt.") @Nullable String error,
    @Doc("When the last attempt began.") @Nullable Instant attemptedAt,
    @Doc("When it is tried again.") @Nullable Instant nextAttemptAt,
    @Doc("When it ended.") @Nullable Instant endedAt,
    @Doc("The delivery that it repeats.") @Nullable String replayOf,
    @Doc("Your customer's id of the workspace.") @Nullable String externalWorkspaceId,
    @Doc("Your customer's id of the user.") @Nullable String externalUserId,
    @Doc("Your customer's id of the project.") @Nullable String externalProjectId,
    @Doc("When it was made.") Instant createdAt,
    @Doc("What the receiver gets; only when one delivery is shown.")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable Map<String, Object> request,
    @Doc("What came of each attempt; only when one delivery is shown.")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable List<Map<String, Object>> attempts) {
  private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};

  static DeliveryView of(Delivery d) {
    return of(d, null, null);
  }

  /** With the request and every attempt. */
  static DeliveryView whole(Delivery d, Webhook webhook) {
    Map<String, Object> request =
        Map.of(
            "method", "POST", "url", webhook.url(), "body", Json.MAPPER.readValue(d.body(), MAP));
    return of(d, request, d.attempts());
  }

  private static DeliveryView of(
      Delivery d,
      @Nullable Map<String, Object> request,
      @Nullable List<Map<String, Object>> attempts) {
    boolean pending = d.state().equals(Delivery.PENDING);
    return new DeliveryView(
        d.id(),
        d.webhookId(),
        d.subscriptionId(),
        d.eventId(),
        d.eventType(),
        d.state(),
        d.state().equals(Delivery.DELIVERED),
        d.attempt(),
        d.statusCode(),
        d.durationMs(),
        d.responseBody(),
        d.error(),
        d.attemptedAt(),
        pending ? d.nextAt() : null,
        d.endedAt(),
        d.replayOf(),
        d.externalWorkspaceId(),
        d.externalUserId(),
        d.externalProjectId(),
        d.createdAt(),
        request,
        attempts);
  }
}
