package com.atoll.server.commands;

import com.atoll.node.v1.Process;
import com.atoll.node.v1.ProcessState;
import com.atoll.server.http.Doc;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A background process as the API shows it. */
record ProcessView(
    @Doc("Number inside the sandbox, as text.") String pid,
    @Doc("Same as pid.") String id,
    @Doc("Its sandbox.") String sandboxId,
    @Doc("Name.") String name,
    @Doc("Command.") String command,
    @Doc("running, stopped by a request to end it, exited or failed.") String status,
    @Doc("Same as status.") String state,
    @Doc("When it was started.") Instant startedAt,
    @Doc("When it ended.") @Nullable Instant endedAt,
    @Doc("Exit code once it ended.") @Nullable Integer exitCode)
    implements CommandsApi.Answer {

  static ProcessView of(Process process) {
    boolean ended = process.getState() == ProcessState.PROCESS_EXITED;
    String status = status(process, ended);
    String pid = Long.toString(process.getPid());
    return new ProcessView(
        pid,
        pid,
        process.getWorkloadId(),
        process.getName(),
        process.getCommand(),
        status,
        status,
        Instant.ofEpochMilli(process.getStartedUnixMs()),
        ended ? Instant.ofEpochMilli(process.getEndedUnixMs()) : null,
        ended ? process.getExitCode() : null);
  }

  private static String status(Process process, boolean ended) {
    if (!ended) {
      return "running";
    }
    if (process.getStopped()) {
      return "stopped";
    }
    return process.getExitCode() == 0 ? "exited" : "failed";
  }
}
