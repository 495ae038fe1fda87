package com.atoll.server.templates;

import com.atoll.server.http.Json;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/**
 * A build of a template, as its row says.
 *
 * @param base what the node calls the image below
 */
record Build(
    String id,
    String org,
    String templateId,
    String state,
    BuildSpec spec,
    String base,
    Map<String, Object> metadata,
    List<Map<String, Object>> events,
    Map<String, Object> certification,
    @Nullable String imageId,
    @Nullable String errorCode,
    @Nullable String errorMessage,
    long version,
    @Nullable OffsetDateTime startedAt,
    @Nullable OffsetDateTime finishedAt,
    OffsetDateTime createdAt,
    OffsetDateTime updatedAt) {
  static final String CANCELLED = "cancelled";

  private static final TypeReference<List<Map<String, Object>>> EVENTS = new TypeReference<>() {};

  static Build of(Record row) {
    return new Build(
        row.get("id", String.class),
        row.get("org", String.class),
        row.get("template_id", String.class),
        row.get("state", String.class),
        OwnTemplate.spec(row.get("build_spec", String.class)),
        row.get("base", String.class),
        OwnTemplate.object(row, "metadata"),
        Json.MAPPER.readValue(row.get("events", String.class), EVENTS),
        OwnTemplate.object(row, "certification"),
        row.get("image_id", String.class),
        row.get("error_code", String.class),
        row.get("error_message", String.class),
        row.get("version", Long.class),
        row.get("started_at", OffsetDateTime.class),
        row.get("finished_at", OffsetDateTime.class),
        row.get("created_at", OffsetDateTime.class),
        row.get("updated_at", OffsetDateTime.class));
  }

  /** Whether nothing more happens. */
  boolean isOver() {
    return isOver(state);
  }

  /** Whether it was ended by whoever may. */
  boolean isCancelled() {
    return state.equals(CANCELLED);
  }

  static boolean isOver(String state) {
    return state.equals("ready") || state.equals("failed") || state.equals(CANCELLED);
  }
}
