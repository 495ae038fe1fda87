package com.atoll.server.toolservers;

import com.atoll.server.http.Json;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jooq.JSONB;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/**
 * A tool server as it is stored.
 *
 * @param secrets sealed
 * @param tools the tools that agents may use; null for all
 * @param found what its last good trial found
 */
@SuppressWarnings("ArrayRecordComponent")
record ToolServer(
    String id,
    String org,
    String workspaceId,
    String name,
    Transport transport,
    @Nullable String url,
    @Nullable String command,
    List<String> args,
    Map<String, String> headersTemplate,
    Map<String, Object> auth,
    @Nullable List<String> tools,
    Map<String, Object> metadata,
    byte[] secrets,
    List<String> secretNames,
    Map<String, String> secretHeaders,
    Map<String, String> secretEnv,
    @Nullable String catalogSlug,
    String status,
    @Nullable String lastError,
    @Nullable Instant lastTestedAt,
    @Nullable Found found,
    long version,
    Instant createdAt,
    Instant updatedAt) {
  static final String PREFIX = "mcp";
  static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};
  private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};

  static ToolServer of(Record row) {
    String[] tools = row.get("tools", String[].class);
    JSONB found = row.get("found", JSONB.class);
    OffsetDateTime tested = row.get("last_tested_at", OffsetDateTime.class);
    return new ToolServer(
        row.get("id", String.class),
        row.get("org", String.class),
        row.get("workspace_id", String.class),
        row.get("name", String.class),
        Transport.of(row.get("transport", String.class)),
        row.get("url", String.class),
        row.get("command", String.class),
        List.of(row.get("args", String[].class)),
        Json.MAPPER.readValue(json(row, "headers_template"), TEXTS),
        Json.MAPPER.readValue(json(row, "auth"), MAP),
        tools == null ? null : List.of(tools),
        Json.MAPPER.readValue(json(row, "metadata"), MAP),
        row.get("secrets", byte[].class),
        List.of(row.get("secret_names", String[].class)),
        Json.MAPPER.readValue(json(row, "secret_headers"), TEXTS),
        Json.MAPPER.readValue(json(row, "secret_env"), TEXTS),
        row.get("catalog_slug", String.class),
        row.get("status", String.class),
        row.get("last_error", String.class),
        tested == null ? null : tested.toInstant(),
        found == null ? null : Json.MAPPER.readValue(found.data(), Found.class),
        row.get("version", Long.class),
        row.get("created_at", OffsetDateTime.class).toInstant(),
        row.get("updated_at", OffsetDateTime.class).toInstant());
  }

  private static String json(Record row, String column) {
    return row.get(column, JSONB.class).data();
  }

  Spec spec(Map<String, String> opened) {
    return new Spec(
        transport, url, command, args, headersTemplate, auth, opened, secretHeaders, secretEnv);
  }
}
