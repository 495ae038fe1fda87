package com.atoll.server.services;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A service as the API shows it. */
record ServiceView(
    @Doc("Id.") String id,
    @Doc("The sandbox.") String sandboxId,
    @Doc("Same as sandbox_id, for clients that read services of any machine so.") String computerId,
    @Doc("Name, unique in the sandbox.") String name,
    @Doc("Shell line.") String command,
    @Doc("pending (waits for its sandbox, or to be started again), running, stopped or failed.")
        String status,
    @Doc("Port, handed to it as PORT.") @Nullable Integer port,
    @Doc("Environment of this service.") Map<String, String> env,
    @Doc("Directory; null for /workspace.") @Nullable String workingDir,
    @Doc("always, on-failure or no.") String restartPolicy,
    @Doc("Whether it is started again after some end.") boolean autoRestart,
    @Doc("Its process.") @Nullable Long pid,
    @Doc("Exit code of its last end.") @Nullable Integer exitCode,
    @Doc("How often it was started again since its sandbox or a caller started it.")
        @Nullable Integer restarts,
    @Doc("Why it does not run, although it should.") @Nullable String reason,
    @Doc("When it was made.") Instant createdAt,
    @Doc("When it was changed.") Instant updatedAt) {

  static ServiceView of(Service service, Observed observed) {
    Map<String, String> env = service.wish().env();
    return new ServiceView(
        service.id(),
        service.sandboxId(),
        service.sandboxId(),
        service.name(),
        String.valueOf(service.wish().command()),
        observed.status(),
        service.wish().port(),
        env == null ? Map.of() : env,
        service.wish().workingDir(),
        String.valueOf(service.wish().restartPolicy()),
        Boolean.TRUE.equals(service.wish().autoRestart()),
        observed.pid(),
        observed.exitCode(),
        observed.restarts(),
        observed.reason(),
        service.createdAt().toInstant(),
        service.updatedAt().toInstant());
  }
}
