package com.atoll.server.drains;

import com.atoll.model.OrganizationId;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/**
 * Where the logs of an environment are sent.
 *
 * @param environment slug of its environment
 * @param isDefault whether its environment is the one that is meant when none is named
 * @param since lines older than this are not sent
 */
@SuppressWarnings("ArrayRecordComponent")
record Drain(
    String id,
    OrganizationId org,
    String projectId,
    String environmentId,
    String environment,
    boolean isDefault,
    String name,
    Kind kind,
    Format format,
    String url,
    List<String> sources,
    byte[] headers,
    byte @Nullable [] secret,
    @Nullable String secretPreview,
    String state,
    Instant since,
    int failures,
    @Nullable Instant failingSince,
    @Nullable String lastError,
    @Nullable Instant lastDeliveryAt,
    long deliveredLines,
    long droppedLines,
    @Nullable String disabledReason,
    @Nullable Instant disabledAt,
    long version,
    Instant createdAt,
    Instant updatedAt) {
  static final String PREFIX = "ldr";
  static final String ACTIVE = "active";
  static final String PAUSED = "paused";
  static final String DISABLED = "disabled";

  /** How a receiver is reached. */
  enum Kind {
    /** Requests over HTTP. */
    HTTP,
    /** Messages of syslog. */
    SYSLOG;

    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Kind of(String wire) {
      return valueOf(wire.toUpperCase(Locale.ROOT));
    }
  }

  /** What a receiver gets. */
  enum Format {
    /** One JSON object a line. */
    NDJSON,
    /** A request of OTLP/HTTP for logs, in JSON. */
    OTLP,
    /** Messages of RFC 5424, framed by their lengths. */
    RFC5424;

    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Format of(String wire) {
      return valueOf(wire.toUpperCase(Locale.ROOT));
    }
  }

  boolean wants(Source.Kind source) {
    return sources.contains(source.wire());
  }

  static Drain of(Record row) {
    String preview = row.get("secret_preview", String.class);
    return new Drain(
        row.get("id", String.class),
        new OrganizationId(row.get("org", String.class)),
        row.get("project_id", String.class),
        row.get("environment_id", String.class),
        row.get("environment", String.class),
        row.get("is_default", Boolean.class),
        row.get("name", String.class),
        Kind.of(row.get("kind", String.class)),
        Format.of(row.get("format", String.class)),
        row.get("url", String.class),
        List.of(row.get("sources", String[].class)),
        row.get("headers", byte[].class),
        row.get("secret", byte[].class),
        preview,
        row.get("state", String.class),
        row.get("since", OffsetDateTime.class).toInstant(),
        row.get("failures", Integer.class),
        time(row, "failing_since"),
        row.get("last_error", String.class),
        time(row, "last_delivery_at"),
        row.get("delivered_lines", Long.class),
        row.get("dropped_lines", Long.class),
        row.get("disabled_reason", String.class),
        time(row, "disabled_at"),
        row.get("version", Long.class),
        row.get("created_at", OffsetDateTime.class).toInstant(),
        row.get("updated_at", OffsetDateTime.class).toInstant());
  }

  private static @Nullable Instant time(Record row, String column) {
    OffsetDateTime at = row.get(column, OffsetDateTime.class);
    return at == null ? null : at.toInstant();
  }
}
