package com.atoll.server.webhooks;

import com.atoll.model.OrganizationId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/**
 * An event for one webhook, as its row says.
 *
 * @param state {@code pending}, {@code delivered} or {@code dead}
 * @param attempt how many attempts were begun
 * @param attempts what came of them
 */
record Delivery(
    String id,
    OrganizationId org,
    String webhookId,
    @Nullable String subscriptionId,
    String eventId,
    String eventType,
    String body,
    String state,
    int mostAttempts,
    int attempt,
    Instant nextAt,
    @Nullable Integer statusCode,
    @Nullable Integer durationMs,
    @Nullable String responseBody,
    @Nullable String error,
    List<Map<String, Object>> attempts,
    @Nullable Instant attemptedAt,
    @Nullable Instant endedAt,
    @Nullable String replayOf,
    @Nullable String workspaceId,
    @Nullable String projectId,
    @Nullable String externalWorkspaceId,
    @Nullable String externalUserId,
    @Nullable String externalProjectId,
    Instant createdAt) {
  static final String PENDING = "pending";
  static final String DELIVERED = "delivered";
  static final String DEAD = "dead";

  static Delivery read(Record row) {
    return new Delivery(
        row.get("id", String.class),
        new OrganizationId(row.get("org", String.class)),
        row.get("webhook_id", String.class),
        row.get("subscription_id", String.class),
        row.get("event_id", String.class),
        row.get("event_type", String.class),
        row.get("body", String.class),
        row.get("state", String.class),
        row.get("most_attempts", Integer.class),
        row.get("attempt", Integer.class),
        instant(row, "next_at"),
        row.get("status_code", Integer.class),
        row.get("duration_ms", Integer.class),
        row.get("response_body", String.class),
        row.get("error", String.class),
        Attempts.read(row.get("attempts", String.class)),
        WebhookTable.instant(row, "attempted_at"),
        WebhookTable.instant(row, "ended_at"),
        row.get("replay_of", String.class),
        row.get("workspace_id", String.class),
        row.get("project_id", String.class),
        row.get("external_workspace_id", String.class),
        row.get("external_user_id", String.class),
        row.get("external_project_id", String.class),
        instant(row, "created_at"));
  }

  private static Instant instant(Record row, String column) {
    return row.get(column, java.time.OffsetDateTime.class).toInstant();
  }
}
