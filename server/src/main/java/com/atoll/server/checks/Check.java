package com.atoll.server.checks;

import java.time.OffsetDateTime;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** A health check as it is stored. */
record Check(
    String id,
    String org,
    String name,
    String url,
    String method,
    int intervalSec,
    int timeoutSec,
    int expectedStatus,
    String status,
    @Nullable Integer lastStatusCode,
    @Nullable String lastError,
    @Nullable Integer lastDurationMs,
    @Nullable OffsetDateTime lastCheckedAt,
    long version,
    OffsetDateTime createdAt,
    OffsetDateTime updatedAt) {

  static Check of(Record row) {
    return new Check(
        row.get("id", String.class),
        row.get("org", String.class),
        row.get("name", String.class),
        row.get("url", String.class),
        row.get("method", String.class),
        row.get("interval_sec", Integer.class),
        row.get("timeout_sec", Integer.class),
        row.get("expected_status", Integer.class),
        row.get("status", String.class),
        row.get("last_status_code", Integer.class),
        row.get("last_error", String.class),
        row.get("last_duration_ms", Integer.class),
        row.get("last_checked_at", OffsetDateTime.class),
        row.get("version", Long.class),
        row.get("created_at", OffsetDateTime.class),
        row.get("updated_at", OffsetDateTime.class));
  }
}
