package com.atoll.server.webhooks;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A webhook as the API shows it. */
record WebhookView(
    @Doc("Id.") String id,
    @Doc("Id of the organization.") String tenantId,
    @Doc("Name.") String name,
    @Doc("Where deliveries go.") String url,
    @Doc("Version of the deliveries' form.") String apiVersion,
    @Doc("Types of events.") List<String> events,
    @JsonUnwrapped WantedAttributes attributes,
    @Doc("The secret; only when it was just made or set.")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable String secret,
    @Doc("How the secret begins.") String secretPreview,
    @Doc("Until when the secret before this one signs too.")
        @Nullable Instant previousSecretExpiresAt,
    @Doc("Whether events are sent.") boolean active,
    @Doc("Why it was disabled by the platform.") @Nullable String disabledReason,
    @Doc("When it was disabled by the platform.") @Nullable Instant disabledAt,
    @Doc("Whether events are sent one at a time and in their order.") boolean ordered,
    @Doc("More headers of each delivery.") Map<String, String> headers,
    @Doc("How often a delivery is tried again.") int retryCount,
    @Doc("Deliveries in a row that were given up.") int failures,
    @Doc("Free data of the caller.") Map<String, Object> metadata,
    @Doc("When it was created.") Instant createdAt,
    @Doc("When it was last changed.") Instant updatedAt) {

  static WebhookView of(Webhook w, Map<String, String> headers, @Nullable String secret) {
    return new WebhookView(
        w.id(),
        w.org().value(),
        w.name(),
        w.url(),
        w.apiVersion(),
        w.types(),
        WantedAttributes.of(w.filter().attributes()),
        secret,
        w.secretPreview(),
        w.oldSecretUntil(),
        w.active(),
        w.disabledReason(),
        w.disabledAt(),
        w.ordered(),
        headers,
        w.retryCount(),
        w.failures(),
        w.metadata(),
        w.createdAt(),
        w.updatedAt());
  }
}
