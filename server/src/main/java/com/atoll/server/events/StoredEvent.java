package com.atoll.server.events;

import com.atoll.server.store.Event;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import org.jooq.Record;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * An event as it stands in the log.
 *
 * @param position its place
 * @param org the organization whose resource changed
 * @param event what changed
 * @param at when
 */
public record StoredEvent(Position position, String org, Event event, Instant at) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  static final String COLUMNS =
      """
      epoch, cast(cast(xid as text) as bigint) as xid, seq, org, type, resource_type, resource_id,
      version, workspace_id, project_id, external_workspace_id, external_user_id,
      external_project_id, cast(data as text) as data, at
      """;

  static StoredEvent of(Record row) {
    Map<String, Object> data =
        JSON.readValue(row.get("data", String.class), new TypeReference<Map<String, Object>>() {});
    return new StoredEvent(
        new Position(
            row.get("epoch", Integer.class),
            row.get("xid", Long.class),
            row.get("seq", Long.class)),
        row.get("org", String.class),
        new Event(
            row.get("type", String.class),
            row.get("resource_type", String.class),
            row.get("resource_id", String.class),
            row.get("version", Long.class),
            row.get("workspace_id", String.class),
            row.get("project_id", String.class),
            row.get("external_workspace_id", String.class),
            row.get("external_user_id", String.class),
            row.get("external_project_id", String.class),
            data),
        row.get("at", OffsetDateTime.class).toInstant());
  }
}
