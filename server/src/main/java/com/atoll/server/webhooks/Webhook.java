package com.atoll.server.webhooks;

import com.atoll.model.OrganizationId;
import com.atoll.server.events.EventFilter;
import com.atoll.server.store.Event;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint that events are sent to. What it keeps secret is sealed, see {@link Secrets}.
 *
 * @param filter which events
 * @param ordered whether they are sent one at a time, in the order of the log
 * @param retryCount how often a delivery is tried again
 * @param failures deliveries in a row that were given up
 */
@SuppressWarnings("ArrayRecordComponent")
record Webhook(
    String id,
    OrganizationId org,
    String name,
    String url,
    String apiVersion,
    EventFilter filter,
    boolean active,
    boolean ordered,
    byte[] headers,
    byte[] secret,
    String secretPreview,
    byte @Nullable [] oldSecret,
    @Nullable Instant oldSecretUntil,
    int retryCount,
    Map<String, Object> metadata,
    int failures,
    @Nullable String disabledReason,
    @Nullable Instant disabledAt,
    long version,
    Instant createdAt,
    Instant updatedAt) {
  static final String PREFIX = "wh";

  /** Whether an event of its organization is for it: what tells of deliveries never is. */
  boolean wants(Event event) {
    return !isAboutDelivery(event.type()) && filter.matches(event);
  }

  static boolean isAboutDelivery(String type) {
    return switch (type) {
      case "webhook.delivered",
          "webhook.failed",
          "webhook.failing",
          "webhook.recovered",
          "webhook.test" ->
          true;
      default -> false;
    };
  }

  /** A change of it, as the log tells it. */
  Event event(String type, Map<String, ?> data) {
    Map<String, String> attributes = filter.attributes();
    return new Event(
        type,
        "webhook",
        id,
        version,
        attributes.get("workspace_id"),
        attributes.get("project_id"),
        attributes.get("external_workspace_id"),
        attributes.get("external_user_id"),
        attributes.get("external_project_id"),
        data);
  }

  List<String> types() {
    return filter.types();
  }
}
