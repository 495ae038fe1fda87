package com.atoll.server.drains;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is sent and answered about log drains. */
final class Views {
  private Views() {}

  record NewDrain(
      @Doc(value = "Name; once in its environment.", min = 1, max = 100) String name,
      @Doc(
              value = "Where lines go: https://…, or syslog+tls://host[:port] for syslog.",
              min = 1,
              max = 2048)
          String url,
      @Doc(value = "http (default) or syslog.", pattern = "http|syslog") @Nullable String kind,
      @Doc(
              value =
                  "What a request holds: ndjson (default), one JSON object a line, or otlp, the JSON"
                      + " of OTLP/HTTP for logs. Syslog is rfc5424.",
              pattern = "ndjson|otlp|rfc5424")
          @Nullable String format,
      @Doc(
              value =
                  "Which logs: sandbox (needs sandboxes:read), deployment, build (both deployments:read); all of them when absent.",
              max = 3)
          @Nullable List<String> sources,
      @Doc(value = "More headers of each request; kept encrypted and never shown.", max = 20)
          @Nullable Map<String, String> headers) {}

  record DrainChange(
      @Doc(value = "New name.", min = 1, max = 100) @Nullable String name,
      @Doc(value = "Where lines go from now on; of the same kind.", min = 1, max = 2048)
          @Nullable String url,
      @Doc(value = "Which logs from now on: sandbox, deployment, build.", max = 3)
          @Nullable List<String> sources,
      @Doc(value = "More headers of each request, all of them.", max = 20)
          @Nullable Map<String, String> headers,
      @Doc(
              value =
                  "active to send, also after the platform disabled it; paused to stop. What is"
                      + " written meanwhile is sent later as far as it is still kept.",
              pattern = "active|paused")
          @Nullable String state,
      @Doc("Whether to make a new secret, which the answer shows once.")
          @Nullable Boolean rotateSecret) {}

  record DrainView(
      @Doc("Its id.") String id,
      @Doc("Id of its project.") String projectId,
      @Doc("Id of its environment.") String environmentId,
      @Doc("Its name.") String name,
      @Doc("http or syslog.") String kind,
      @Doc("ndjson, otlp or rfc5424.") String format,
      @Doc("Where lines go.") String url,
      @Doc("Which logs: sandbox, deployment, build.") List<String> sources,
      @Doc("Names of the headers that are added.") List<String> headerNames,
      @Doc("What signs each request; only when it was just made.")
          @JsonInclude(JsonInclude.Include.NON_NULL)
          @Nullable String secret,
      @Doc("How the secret begins; null for syslog.") @Nullable String secretPreview,
      @Doc("active, paused, or disabled by the platform.") String state,
      @Doc("Attempts in a row that failed.") int failures,
      @Doc("Why the last attempt failed; null when it did not.") @Nullable String lastError,
      @Doc("When the receiver last took lines.") @Nullable Instant lastDeliveryAt,
      @Doc("How many lines it took.") long deliveredLines,
      @Doc("How many lines were given up when the drain was disabled.") long droppedLines,
      @Doc("How many lines wait to be sent.") long pendingLines,
      @Doc("Why the platform disabled it.") @Nullable String disabledReason,
      @Doc("When the platform disabled it.") @Nullable Instant disabledAt,
      @Doc("When it was made.") Instant createdAt,
      @Doc("When it was last changed.") Instant updatedAt) {

    static DrainView of(
        Drain drain, List<String> headers, long pending, @Nullable String freshSecret) {
      return new DrainView(
          drain.id(),
          drain.projectId(),
          drain.environmentId(),
          drain.name(),
          drain.kind().wire(),
          drain.format().wire(),
          drain.url(),
          drain.sources(),
          headers,
          freshSecret,
          drain.secretPreview(),
          drain.state(),
          drain.failures(),
          drain.lastError(),
          drain.lastDeliveryAt(),
          drain.deliveredLines(),
          drain.droppedLines(),
          pending,
          drain.disabledReason(),
          drain.disabledAt(),
          drain.createdAt(),
          drain.updatedAt());
    }
  }

  record TestView(
      @Doc("Whether the receiver took the line.") boolean delivered,
      @Doc("Its status; null when it gave none.") @Nullable Integer statusCode,
      @Doc("Why it did not take the line.") @Nullable String error,
      @Doc("How long it took, in milliseconds.") int durationMs) {}
}
