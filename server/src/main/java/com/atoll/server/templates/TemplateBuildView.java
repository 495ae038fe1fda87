package com.atoll.server.templates;

import com.atoll.server.http.Doc;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A build as the API shows it. */
record TemplateBuildView(
    @Doc("Id.") String id,
    @Doc("The template that it is of.") String sandboxTemplateId,
    @Doc("Same as sandbox_template_id.") String templateId,
    @Doc("build_spec.") String sourceType,
    @Doc("queued, building, certifying, snapshotting, ready, failed or cancelled.") String state,
    @Doc("Same as state.") String status,
    @Doc("Digest of its image, once it is ready.") @Nullable String imageId,
    @Doc("Where its log is.") String logUrl,
    @Doc("Why it failed, for programs.") @Nullable String errorCode,
    @Doc("Why it failed.") @Nullable String errorMessage,
    @Doc("Same as error_message.") @Nullable String error,
    @Doc("What happened when, and the caller's own data.") Map<String, Object> metadata,
    @Doc("What the booted image showed.") @Nullable Map<String, Object> certification,
    @Doc("How it is made.") Map<String, Object> buildSpec,
    @Doc("When its first step began.") @Nullable Instant startedAt,
    @Doc("When it ended.") @Nullable Instant finishedAt,
    @Doc("From the one to the other.") @Nullable Long durationMs,
    @Doc("When it was asked for.") Instant insertedAt,
    @Doc("Same as inserted_at.") Instant createdAt,
    @Doc("When it last changed.") Instant updatedAt) {

  static TemplateBuildView of(Build build) {
    Map<String, Object> metadata = new java.util.LinkedHashMap<>(build.metadata());
    metadata.put("events", build.events().isEmpty() ? List.of() : build.events());
    OffsetDateTime started = build.startedAt();
    OffsetDateTime finished = build.finishedAt();
    return new TemplateBuildView(
        build.id(),
        build.templateId(),
        build.templateId(),
        "build_spec",
        build.state(),
        build.state(),
        build.imageId(),
        "/api/v1/sandbox-template-builds/" + build.id() + "/logs/stream",
        build.errorCode(),
        build.errorMessage(),
        build.errorMessage(),
        metadata,
        build.certification().isEmpty() ? null : build.certification(),
        build.spec().wire(),
        started == null ? null : started.toInstant(),
        finished == null ? null : finished.toInstant(),
        started == null || finished == null
            ? null
            : Long.valueOf(Duration.between(started, finished).toMillis()),
        build.createdAt().toInstant(),
        build.createdAt().toInstant(),
        build.updatedAt().toInstant());
  }
}
