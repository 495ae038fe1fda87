package com.atoll.server.checks;

import com.atoll.server.http.Doc;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A health check as the API shows it. */
record CheckView(
    @Doc("Id.") String id,
    @Doc("Id of the organization.") String tenantId,
    @Doc("Name.") String name,
    @Doc("Address that is asked.") String url,
    @Doc("GET or HEAD.") String method,
    @Doc("Seconds between two questions.") int intervalSec,
    @Doc("The same as interval_sec.") int intervalSeconds,
    @Doc("Seconds to wait for an answer.") int timeoutSec,
    @Doc("The same as timeout_sec.") int timeoutSeconds,
    @Doc("Status of a good answer.") int expectedStatus,
    @Doc("unknown, healthy, unhealthy or paused.") String status,
    @Doc("Status of the last answer.") @Nullable Integer lastStatusCode,
    @Doc("What was wrong the last time.") @Nullable String lastError,
    @Doc("How long the last answer took, in milliseconds.") @Nullable Integer lastDurationMs,
    @Doc("When it was last asked.") @Nullable Instant lastCheckedAt,
    @Doc("When it was created.") Instant createdAt,
    @Doc("When it was last changed.") Instant updatedAt) {

  static CheckView of(Check check) {
    return new CheckView(
        check.id(),
        check.org(),
        check.name(),
        check.url(),
        check.method(),
        check.intervalSec(),
        check.intervalSec(),
        check.timeoutSec(),
        check.timeoutSec(),
        check.expectedStatus(),
        check.status(),
        check.lastStatusCode(),
        check.lastError(),
        check.lastDurationMs(),
        check.lastCheckedAt() == null ? null : check.lastCheckedAt().toInstant(),
        check.createdAt().toInstant(),
        check.updatedAt().toInstant());
  }
}
