package com.atoll.server.templates;

import com.atoll.server.http.Json;
import java.time.OffsetDateTime;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/**
 * A template that an organization made, as its row says.
 *
 * @param spec what the next build is made by
 * @param built what the current build was made by; null when there is none
 */
record OwnTemplate(
    String id,
    String org,
    String name,
    String slug,
    @Nullable String description,
    Map<String, Object> metadata,
    BuildSpec spec,
    @Nullable String currentBuildId,
    @Nullable BuildSpec built,
    String status,
    long version,
    OffsetDateTime createdAt,
    OffsetDateTime updatedAt) {
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  static OwnTemplate of(Record row) {
    return new OwnTemplate(
        row.get("id", String.class),
        row.get("org", String.class),
        row.get("name", String.class),
        row.get("slug", String.class),
        row.get("description", String.class),
        object(row, "metadata"),
        spec(row.get("build_spec", String.class)),
        row.get("current_build_id", String.class),
        built(row),
        row.get("status", String.class),
        row.get("version", Long.class),
        row.get("created_at", OffsetDateTime.class),
        row.get("updated_at", OffsetDateTime.class));
  }

  /** What its sandboxes are like now: another specification only counts once it is built. */
  BuildSpec inEffect() {
    return built == null ? spec : built;
  }

  private static @Nullable BuildSpec built(Record row) {
    String text = row.get("built_spec", String.class);
    return text == null ? null : spec(text);
  }

  static BuildSpec spec(String text) {
    return BuildSpecs.read(Json.MAPPER.readTree(text));
  }

  static Map<String, Object> object(Record row, String column) {
    String text = row.get(column, String.class);
    return text == null ? Map.of() : Json.MAPPER.readValue(text, OBJECT);
  }
}
