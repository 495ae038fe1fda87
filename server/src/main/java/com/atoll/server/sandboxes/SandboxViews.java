package com.atoll.server.sandboxes;

import com.atoll.model.SandboxSize;
import com.atoll.model.SandboxState;
import com.atoll.platform.Installation;
import com.atoll.server.routes.PreviewHosts;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** Shows sandboxes as the API does. */
final class SandboxViews {
  private final String scheme;
  private final PreviewHosts hosts;
  private final ToIntFunction<Sandbox> defaultPort;
  private final Activity activity;
  private final Probes probes;
  private final TemplateBook templates;

  SandboxViews(
      Installation installation,
      PreviewHosts hosts,
      ToIntFunction<Sandbox> defaultPort,
      Activity activity,
      Probes probes,
      TemplateBook templates) {
    scheme = installation.linkScheme();
    this.hosts = hosts;
    this.defaultPort = defaultPort;
    this.activity = activity;
    this.probes = probes;
    this.templates = templates;
  }

  String url(Sandbox sandbox, int port) {
    return scheme
        + "://"
        + port
        + "-"
        + sandbox.slug()
        + ".sandbox."
        + hosts.domain(sandbox.org())
        + "/";
  }

  SandboxView view(Sandbox sandbox) {
    OffsetDateTime now = Planner.now();
    String state = sandbox.state().wire();
    String size = sandbox.shape().size().map(SandboxSize::wire).orElse(null);
    int cpus = sandbox.shape().cpus();
    int memory = sandbox.shape().memoryMb();
    int disk = sandbox.shape().diskMb();
    Sandbox.Owner owner = sandbox.owner();
    Instant created = sandbox.createdAt().toInstant();
    return new SandboxView(
        sandbox.id(),
        sandbox.name(),
        sandbox.slug(),
        state,
        state,
        sandbox.state() == SandboxState.RUNNING
            && probes.standing(sandbox) == Probes.Standing.READY,
        sandbox.templateId(),
        sandbox.templateId(),
        templates.slug(sandbox.org(), sandbox.templateId()),
        sandbox.templateId(),
        size,
        new SandboxView.ResourceContract(
            sandbox.shape().contractId(), "v1", "sandbox", size, cpus, memory, disk),
        cpus,
        memory,
        disk,
        disk,
        sandbox.isolation(),
        sandbox.org().value(),
        owner.keyId(),
        owner.workspaceId(),
        owner.workspaceSlug(),
        owner.workspaceName(),
        owner.projectId(),
        owner.projectSlug(),
        owner.projectName(),
        owner.externalWorkspaceId(),
        owner.externalUserId(),
        owner.externalProjectId(),
        sandbox.persistent(),
        sandbox.alwaysOn(),
        sandbox.timeoutSec(),
        sandbox.idleTimeoutSec(),
        sandbox.remainingMs(now),
        sandbox.bootPath(),
        sandbox.bootMs(),
        false,
        url(sandbox, defaultPort.applyAsInt(sandbox)),
        hosts.domain(sandbox.org()),
        urlClass(sandbox),
        sandbox.alwaysOn(),
        nextAction(sandbox),
        sandbox.metadata(),
        sandbox.tags(),
        created,
        created,
        instant(sandbox.startedAt()),
        instant(ready(sandbox)),
        instant(sandbox.destroyedAt()),
        activity.latest(sandbox.id(), instant(sandbox.lastActivityAt())),
        sandbox.runtime(now).toSeconds(),
        sandbox.sourceSandboxId(),
        sandbox.errorReason() == null ? probes.failure(sandbox) : sandbox.errorReason());
  }

  /** One that was ready is so again once it runs again. */
  private static @Nullable OffsetDateTime ready(Sandbox sandbox) {
    OffsetDateTime first = sandbox.readyAt();
    OffsetDateTime started = sandbox.startedAt();
    return first != null && started != null && started.isAfter(first) ? started : first;
  }

  /** What kind of link the previews of a sandbox are. */
  static String urlClass(Sandbox sandbox) {
    return sandbox.alwaysOn() ? "always_on_preview" : "temporary_preview";
  }

  /** What its owner would do for a link that stays. */
  static String nextAction(Sandbox sandbox) {
    return sandbox.alwaysOn() ? "attach_custom_domain" : "publish_when_ready";
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }
}
