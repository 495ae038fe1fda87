package com.atoll.server.templates;

import com.atoll.server.http.Json;
import java.time.OffsetDateTime;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** A template that an organization made, as its row says. */
record OwnTemplate(
    String id,
    String org,
    String name,
    String slug,
    @Nullable String description,
    Map<String, Object> metadata,
    BuildSpec spec,
    @Nullable String currentBuildId,
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
        spec(row),
        row.get("current_build_id", String.class),
        row.get("status", String.class),
        row.get("version", Long.class),
        row.get("created_at", OffsetDateTime.class),
        row.get("updated_at", OffsetDateTime.class));
  }

  OwnTemplate with(BuildSpec other) {
    return new OwnTemplate(
        id,
        org,
        name,
        slug,
        description,
        metadata,
        other,
        currentBuildId,
        status,
        version + 1,
        createdAt,
        updatedAt);
  }

  static BuildSpec spec(Record row) {
    return BuildSpecs.read(Json.MAPPER.readTree(row.get("build_spec", String.class)));
  }

  static Map<String, Object> object(Record row, String column) {
    String text = row.get(column, String.class);
    return text == null ? Map.of() : Json.MAPPER.readValue(text, OBJECT);
  }
}
