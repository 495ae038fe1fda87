package com.atoll.server.sandboxes;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Body of a fork. What is absent is as in the source. */
public record ForkSandbox(
    @Doc("Snapshot to begin with; absent: the files as they are now.") @Nullable String snapshotId,
    @Doc(
            "Whether its processes go on from those of the source, memory and all; only under gVisor, from a"
                + " sandbox without volumes whose processes have had no variable of a secret, or from a snapshot"
                + " that holds them. Absent: from those of a snapshot when they can, from those of a sandbox"
                + " not.")
        @Nullable Boolean memory,
    @Doc("Template: none but that of the source, whose files it begins with.")
        @Nullable String templateId,
    @Doc("Name to show; generated when absent.") @Nullable String name,
    @Doc("Host label of its previews; generated when absent.") @Nullable String slug,
    @Doc("Free data of the caller.") @Nullable Map<String, Object> metadata,
    @Doc("Environment, besides that of the source.") @Nullable Map<String, String> env,
    @Doc("The customer's user.") @Nullable String externalUserId,
    @Doc("Lifetime in seconds; 0 for none. One that has an end is not always on.")
        @Nullable Integer timeoutSec,
    @Doc("Seconds that it may be idle; 0 for any time.") @Nullable Integer idleTimeoutSec,
    @Doc("Whether it has neither a lifetime nor an idle time-out.") @Nullable Boolean alwaysOn,
    @Doc("Whether a time-out keeps its files.") @Nullable Boolean persistent,
    @Doc("Answer 503 at once rather than wait.") @Nullable Boolean failFast,
    @Doc("Machine template; not in this release.") @JsonAlias({"environment_id", "env_id"})
        @Nullable String environment) {

  /** Whether the fork of such a source has no end: who names one means it. */
  boolean isAlwaysOn(boolean ofSource) {
    if (alwaysOn != null) {
      return alwaysOn;
    }
    return ofSource && (timeoutSec == null || timeoutSec == 0);
  }
}
