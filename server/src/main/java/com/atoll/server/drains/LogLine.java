package com.atoll.server.drains;

import com.atoll.server.http.Json;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One line as receivers get it.
 *
 * @param source sandbox, deployment, build, or test
 * @param stream stdout or stderr
 * @param pid the process that wrote it, where it is known
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record LogLine(
    Instant timestamp,
    String message,
    String stream,
    String source,
    String projectId,
    String environment,
    @Nullable String sandboxId,
    @Nullable String deploymentId,
    @Nullable String versionId,
    @Nullable String instanceId,
    @Nullable String process,
    @Nullable String pid) {

  static LogLine of(Drain drain, Source source, Instant at, String stream, String message) {
    boolean sandbox = source.kind() == Source.Kind.SANDBOX;
    return new LogLine(
        at,
        message,
        stream,
        source.kind().wire(),
        drain.projectId(),
        drain.environment(),
        sandbox ? source.id() : null,
        source.deployment(),
        source.version(),
        source.kind() == Source.Kind.DEPLOYMENT ? source.id() : null,
        null,
        null);
  }

  /** A line that only says that lines arrive. */
  static LogLine test(Drain drain, Instant at) {
    return new LogLine(
        at,
        "This is a test of the log drain " + drain.name() + ".",
        "stdout",
        "test",
        drain.projectId(),
        drain.environment(),
        null,
        null,
        null,
        null,
        null,
        null);
  }

  LogLine by(String name, String number) {
    return new LogLine(
        timestamp,
        message,
        stream,
        source,
        projectId,
        environment,
        sandboxId,
        deploymentId,
        versionId,
        instanceId,
        name,
        number);
  }

  /** What wrote it: a sandbox, a process of a deployment or a version. */
  String resource() {
    for (String id : new String[] {sandboxId, instanceId, versionId}) {
      if (id != null) {
        return id;
      }
    }
    return projectId;
  }

  /** The line as it is kept, with its end. */
  String kept() {
    return Json.MAPPER.writeValueAsString(this) + "\n";
  }

  static int size(String kept) {
    return kept.getBytes(StandardCharsets.UTF_8).length;
  }
}
