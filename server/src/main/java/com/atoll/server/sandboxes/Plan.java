package com.atoll.server.sandboxes;

import com.atoll.model.Shape;
import com.atoll.node.v1.ClaimRequest;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.Limits;
import com.atoll.node.v1.VolumeMount;
import com.atoll.server.readiness.ReadinessProbe;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox that is about to be created.
 *
 * @param sandbox the row to be
 * @param sourceId the sandbox whose files it begins with; null for those of the template
 * @param snapshotId the snapshot of that sandbox that it begins with; null for its present files
 * @param failFast whether a cold start is refused
 * @param setup a script that must succeed before the sandbox is handed over; null for none
 * @param begin what it starts once it runs
 * @param volumes what it has from the start besides its own files
 * @param egress what is kept of egress of its source; null for nothing
 * @param ports those of its source that are not open to everybody
 * @param network what it may reach besides; null for what holds anyway
 * @param memory whether its processes go on from those of the source; null: from those of a
 *     snapshot when they can
 */
record Plan(
    Sandbox sandbox,
    @Nullable String sourceId,
    @Nullable String snapshotId,
    Env env,
    boolean failFast,
    @Nullable String setup,
    Begin begin,
    List<VolumeMount> volumes,
    @Nullable Boolean memory,
    Hardware hardware,
    @Nullable String egress,
    List<KeptPort> ports,
    @Nullable NetworkWish network) {

  Plan(
      Sandbox sandbox,
      @Nullable String sourceId,
      @Nullable String snapshotId,
      Env env,
      boolean failFast,
      @Nullable String setup,
      Begin begin) {
    this(
        sandbox,
        sourceId,
        snapshotId,
        env,
        failFast,
        setup,
        begin,
        List.of(),
        null,
        Hardware.NONE,
        null,
        List.of(),
        null);
  }

  /** The same, with these volumes from the start. */
  Plan having(List<VolumeMount> mounts) {
    return changed(mounts, hardware, network);
  }

  /** The same, with this of the machine. */
  Plan with(Hardware given) {
    return changed(volumes, given, network);
  }

  /** The same, with a network of its own from the start. */
  Plan within(@Nullable NetworkWish wish) {
    return changed(volumes, hardware, wish);
  }

  private Plan changed(List<VolumeMount> mounts, Hardware given, @Nullable NetworkWish wish) {
    return new Plan(
        sandbox,
        sourceId,
        snapshotId,
        env,
        failFast,
        setup,
        begin,
        mounts,
        memory,
        given,
        egress,
        ports,
        wish);
  }

  /**
   * What a sandbox starts once it runs.
   *
   * @param starts commands that are started and left alone
   * @param services commands that are kept running
   * @param app whether the app of its template is started
   * @param probe what must pass before it is ready; null when it is ready once it runs
   */
  record Begin(
      List<Start> starts, List<ServiceWish> services, boolean app, @Nullable ReadinessProbe probe) {
    static final Begin NOTHING = new Begin(List.of(), List.of(), false, null);
  }

  /** A command that is started and left alone. */
  record Start(String name, CommandSpec command) {}

  /** What the node is asked for. */
  ClaimRequest claim(Duration lease) {
    return claim(sandbox, env.values(), lease).toBuilder()
        .setNoColdStart(failFast)
        .addAllVolumes(volumes)
        .setKvm(hardware.kvm())
        .setGpuCount(hardware.gpus())
        .setGpuModel(hardware.gpuModel())
        .build();
  }

  static ClaimRequest claim(Sandbox sandbox, Map<String, String> env, Duration lease) {
    long timeoutMs = sandbox.alwaysOn() ? 0 : sandbox.timeoutSec() * 1000L;
    long idleMs = sandbox.alwaysOn() ? 0 : sandbox.idleTimeoutSec() * 1000L;
    return ClaimRequest.newBuilder()
        .setId(sandbox.id())
        .setTemplateId(sandbox.templateId())
        .setHostname(hostname(sandbox.slug()))
        .setLimits(limits(sandbox.shape()))
        .putAllEnv(env)
        .setLeaseMs(lease.toMillis())
        .setTimeoutMs(timeoutMs)
        .setIdleTimeoutMs(idleMs)
        .setDestroyOnTimeout(!sandbox.persistent())
        .setIsolation(sandbox.isolation())
        .build();
  }

  static Limits limits(Shape shape) {
    return Limits.newBuilder()
        .setCpuMillis(shape.cpus() * 1000)
        .setMemoryMb(shape.memoryMb())
        .setDiskMb(shape.diskMb())
        .build();
  }

  /** Whether these are the limits of that size; the number of processes is the node's affair. */
  static boolean isSize(Limits limits, Shape shape) {
    return limits.toBuilder().clearPids().build().equals(limits(shape));
  }

  private static String hostname(String slug) {
    return slug.length() <= 63 ? slug : slug.substring(0, 63);
  }
}
