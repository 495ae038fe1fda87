package com.atoll.server.apps;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An app as the API shows it. */
record AppView(
    @Doc("Id of the sandbox.") String sandboxId,
    @Doc("installing, starting, running or failed.") String status,
    @Doc("Link to it.") String previewUrl,
    @Doc("Its port.") int port,
    @Doc("Directory.") String workdir,
    @Doc("Its process.") @Nullable String pid,
    @Doc("Whether it is ready.") boolean ready,
    @Doc("What went wrong.") @Nullable String reason,
    @Doc("The install.") @Nullable Install install,
    @Doc("The start.") @Nullable Started start) {

  /** What an install did. */
  record Install(
      @Doc("Shell line.") String command,
      @Doc("Exit code; 124 for its time-out.") int exitCode,
      @Doc("End of its standard output.") String stdout,
      @Doc("End of its standard error.") String stderr,
      @Doc("How long it took.") long durationMs,
      @Doc("Whether its time-out killed it.") boolean timedOut) {}

  /** What a start did. */
  record Started(
      @Doc("Shell line.") String command,
      @Doc("Process.") String pid,
      @Doc("Milliseconds until it was ready.") @Nullable Long readyMs,
      @Doc("Exit code when it has ended.") @Nullable Integer exitCode,
      @Doc("End of its output when it has failed.") @Nullable String output) {}

  /** A file that an app has made. */
  record Artifact(
      @Doc("Path.") String path,
      @Doc("Bytes.") long size,
      @Doc("When it was changed.") Instant modifiedAt) {}

  /** What an app has made. */
  record Artifacts(
      @Doc("Directories that were looked through.") List<String> directories,
      @Doc("Files in them.") List<Artifact> files,
      @Doc("Bytes of all.") long totalBytes,
      @Doc("Whether there are more files.") boolean truncated) {}

  /** Where an app is seen. */
  record Preview(
      @Doc("Link.") String url,
      @Doc("Port.") int port,
      @Doc("Whether something listens there.") boolean ready) {}

  /** What an app has made, and where it is seen. */
  record Made(
      @Doc("Files in artifacts, dist, build, out and .output of /workspace.") Artifacts artifacts,
      @Doc("Where it is seen.") Preview preview) {}
}
