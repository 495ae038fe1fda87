package com.atoll.server.sandboxes;

import com.atoll.server.http.Doc;
import com.atoll.server.identity.Ownership;
import com.atoll.server.readiness.ReadinessProbe;
import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Body of a create. Everything is optional. */
record CreateSandbox(
    @Doc("Template to start from; default miosa-sandbox.") @JsonAlias({"template", "image"})
        @Nullable String templateId,
    @Doc("Named size: xs, small (default), medium, large, xl.") @Nullable String size,
    @Doc("CPUs; with memory_mb and disk_size_mb any combination.") @Nullable Integer cpuCount,
    @Doc("Memory in MiB.") @Nullable Integer memoryMb,
    @Doc("Disk in MiB; with a named size a lower bound.") @JsonAlias("disk_mb")
        @Nullable Integer diskSizeMb,
    @Doc("Name to show; generated when absent.") @Nullable String name,
    @Doc("Host label of its previews, unique in the installation; generated when absent.")
        @Nullable String slug,
    @Doc("Environment of every command and process.") @Nullable Map<String, String> env,
    @Doc("Free data of the caller.") @Nullable Map<String, Object> metadata,
    @Doc("Labels to filter by.") @Nullable List<String> tags,
    @Doc(
            "Seconds of running until it pauses or, when not persistent, is destroyed; 0 for never."
                + " Default 3600.")
        @Nullable Integer timeoutSec,
    @Doc("Seconds without activity until it pauses; 0 for never. Default 900.")
        @Nullable Integer idleTimeoutSec,
    @Doc("Whether a time-out keeps its files; default true.") @Nullable Boolean persistent,
    @Doc("No time-outs at all.") @Nullable Boolean alwaysOn,
    @Doc("Runtime: standard or auto.") @Nullable String runtimeProfile,
    @Doc(
            "What stands between it and the machine's kernel: auto (default, what the owner chose),"
                + " container, gvisor or microvm; for as long as it lives.")
        @Nullable String isolation,
    @Doc("Answer 503 at once rather than start cold.") @Nullable Boolean failFast,
    @Doc(
            value =
                "Shell script that runs before the sandbox is handed over, without input: at most"
                    + " 64 KiB and 20 s. Where it fails, so does the create.",
            // What is no text has an error of its own.
            binary = true)
        @Nullable String setupFile,
    @Doc("Command to start once it runs: a shell line, or words.") @Nullable JsonNode entrypoint,
    @Doc("Services that it keeps running, at most 32.") @Nullable List<ServiceWish> services,
    @Doc("Repository to clone once it runs; where that fails, it is not ready and says why.")
        @Nullable String githubRepoUrl,
    @Doc("Branch to clone.") @Nullable String githubBranch,
    @Doc("Where to clone to; default below /workspace.") @Nullable String githubClonePath,
    @Doc(
            "Start the template's app whenever its machine starts, also in forks; nothing where the"
                + " template has none.")
        @Nullable Boolean autoStart,
    @Doc(
            "What must pass before it is ready; the create waits for it as long as its parameter"
                + " wait says, 25 s at most, and answers ready false then. One that does not pass"
                + " in time is told in readiness; the sandbox runs on.")
        @Nullable ReadinessProbe readinessProbe,
    @Doc("A database to provide; not in this release.") @Nullable JsonNode database,
    @Doc("Machine template; not in this release.") @JsonAlias({"environment_id", "env_id"})
        @Nullable String environment,
    @Doc("A token inside that may provision; not in this release.")
        @Nullable Boolean allowProvision,
    @Doc(
            "GPUs for itself until it is destroyed; at most as many as the machine has. A resume keeps"
                + " them; forks and what is restored from snapshots do not have them.")
        @Nullable Integer gpuCount,
    @Doc("Model of the GPUs, or a part of its name; alone, it asks for one.")
        @Nullable String gpuModel,
    @Doc(
            "Virtual machines inside: /dev/kvm, where the owner of the machine and the policies"
                + " allow it. A resume keeps it; forks and what is restored from snapshots do not"
                + " have it.")
        @Nullable Boolean nestedVirtualization,
    @Doc("A Docker engine inside: the template is docker, which may be left out.")
        @Nullable Boolean docker,
    @Doc("Where to place it; only provider miosa.")
        @Nullable Map<String, Object> computePlacementRequest,
    @Doc("Region, one of GET /regions; the default one when absent.") @Nullable String region,
    @Doc("Volumes that it has from the start, at most 16.") @Nullable List<VolumeWish> volumes,
    @JsonUnwrapped Ownership ownership) {
  /** The operation that it means besides when it {@link #runsCommands}. */
  static final String EXEC = "sandboxes.exec";

  /** The operation that it means besides when it {@link #attachesVolumes}. */
  static final String ATTACH = "sandboxes.attach_volume";

  /** Whether it begins with volumes. */
  boolean attachesVolumes() {
    return volumes != null && !volumes.isEmpty();
  }

  /** Whether it begins with commands that its caller chose. A clone is none. */
  boolean runsCommands() {
    return (setupFile != null && !setupFile.isBlank())
        || (entrypoint != null && !entrypoint.isNull())
        || (services != null && !services.isEmpty())
        || Boolean.TRUE.equals(autoStart)
        || (readinessProbe != null && readinessProbe.runsCommand());
  }
}
