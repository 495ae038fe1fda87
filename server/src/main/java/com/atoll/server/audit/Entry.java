package com.atoll.server.audit;

import com.atoll.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A row of the log in the one form that is hashed and exported: JSON with sorted keys. */
final class Entry {
  static final String COLUMNS =
      """
      a.seq, a.org, a.action, a.resource_type, a.resource_id, a.workspace_id, a.project_id,
      a.external_workspace_id, a.external_user_id, a.external_project_id, cast(a.data as text) as data,
      a.actor_type, a.actor_id, a.actor_chain, a.operation, a.ip_address, a.client, a.request_id, a.at\
      """;

  /** What the first entry of a chain follows. */
  static final byte[] NOTHING = new byte[32];

  private static final DateTimeFormatter MICROSECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
  private static final List<String> TEXTS =
      List.of(
          "action",
          "resource_type",
          "resource_id",
          "workspace_id",
          "project_id",
          "external_workspace_id",
          "external_user_id",
          "external_project_id",
          "actor_type",
          "actor_id",
          "operation",
          "ip_address",
          "client",
          "request_id");

  private Entry() {}

  static ObjectNode of(Record row) {
    TreeMap<String, JsonNode> fields = new TreeMap<>();
    for (String name : TEXTS) {
      String value = row.get(name, String.class);
      fields.put(name, text(value));
    }
    ArrayNode chain = Json.MAPPER.createArrayNode();
    for (String link : row.get("actor_chain", String[].class)) {
      chain.add(link);
    }
    fields.put("actor_chain", chain);
    fields.put("id", text("aud_" + row.get("seq", Long.class)));
    fields.put("tenant_id", text(row.get("org", String.class)));
    fields.put("created_at", text(MICROSECONDS.format(row.get("at", OffsetDateTime.class))));
    fields.put("metadata", Json.sorted(Json.MAPPER.readTree(row.get("data", String.class))));
    ObjectNode entry = Json.MAPPER.createObjectNode();
    fields.forEach(entry::set);
    return entry;
  }

  private static JsonNode text(@Nullable String value) {
    return value == null ? Json.MAPPER.nullNode() : Json.MAPPER.getNodeFactory().stringNode(value);
  }

  /** The hash of a link: over the hash before it in hexadecimal, a line feed, and the entry. */
  static byte[] hash(byte[] previous, ObjectNode entry) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(HexFormat.of().formatHex(previous).getBytes(StandardCharsets.US_ASCII));
      digest.update((byte) '\n');
      return digest.digest(Json.MAPPER.writeValueAsString(entry).getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
