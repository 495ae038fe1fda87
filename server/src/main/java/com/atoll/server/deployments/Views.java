package com.atoll.server.deployments;

import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Rows as the API shows them. */
final class Views {
  private final Tables tables;
  private final Addresses addresses;

  Views(Tables tables, Addresses addresses) {
    this.tables = tables;
    this.addresses = addresses;
  }

  DeploymentView deployment(Tx tx, Deployment d) {
    Version active =
        d.activeVersion() == null ? null : tables.versions().byId(tx, d.activeVersion());
    Owner owner = d.owner();
    String url = addresses.url(tx, d);
    return new DeploymentView(
        d.id(),
        owner.org().value(),
        owner.key(),
        owner.workspace(),
        owner.project(),
        d.name(),
        d.slug(),
        d.repoUrl(),
        d.branch(),
        d.buildCommand(),
        d.runCommand(),
        active == null ? null : active.templateId(),
        active == null ? null : buildId(active.id()),
        d.activeVersion(),
        active == null ? null : active.releaseId(),
        active == null ? null : active.sha256(),
        d.sourceType(),
        d.state().wire(),
        d.autoDeploy(),
        "miosa_deploy",
        d.metadata(),
        owner.externalWorkspace(),
        owner.externalUser(),
        owner.externalProject(),
        url,
        url,
        d.slug(),
        at(d.createdAt()),
        at(d.updatedAt()));
  }

  VersionView version(Deployment d, Version v) {
    Map<String, Object> manifest = new TreeMap<>();
    if (v.files() != null) {
      manifest.put("files", v.files());
      manifest.put("total_bytes", v.sizeBytes() == null ? 0 : v.sizeBytes());
    }
    if (v.entrypoint() != null) {
      manifest.put("entrypoint", v.entrypoint());
    }
    Map<String, Object> metadata = new TreeMap<>();
    metadata.put("step", v.step().wire());
    metadata.put("folder", v.folder());
    return new VersionView(
        v.id(),
        d.id(),
        d.owner().org().value(),
        d.owner().workspace(),
        d.owner().project(),
        v.createdBy(),
        v.sourceSandbox(),
        buildId(v.id()),
        v.releaseId(),
        v.number(),
        v.kind().wire(),
        v.state().wire(),
        v.sha256() == null ? null : uri(v),
        manifest,
        v.sha256(),
        v.templateId(),
        v.command(),
        v.port(),
        v.healthPath(),
        v.errorCode(),
        v.errorMessage(),
        metadata,
        d.owner().externalWorkspace(),
        d.owner().externalUser(),
        d.owner().externalProject(),
        at(v.createdAt()),
        at(v.updatedAt()),
        at(v.readyAt()),
        at(v.promotedAt()));
  }

  ReleaseView release(Deployment d, Version v) {
    String sha = v.sha256() == null ? "" : v.sha256();
    return new ReleaseView(
        v.releaseId(),
        d.id(),
        v.id(),
        serviceId(d),
        d.owner().org().value(),
        d.owner().workspace(),
        d.owner().project(),
        d.owner().externalWorkspace(),
        d.owner().externalUser(),
        d.owner().externalProject(),
        v.sourceSandbox(),
        buildId(v.id()),
        v.kind() == Kind.STATIC ? "static" : "rootfs",
        v.state().wire(),
        uri(v),
        uri(v),
        sha,
        sha,
        v.sizeBytes() == null ? 0 : v.sizeBytes(),
        "local",
        v.files() == null ? Map.of() : Map.of("files", v.files()),
        v.command(),
        v.port(),
        v.healthPath(),
        Map.of(),
        at(v.readyAt()),
        at(v.createdAt()),
        at(v.updatedAt()));
  }

  BuildView build(Version v) {
    String state =
        switch (v.state()) {
          case CREATED -> "queued";
          case BUILDING -> "building";
          case READY -> "succeeded";
          case FAILED -> "failed";
        };
    OffsetDateTime end =
        v.state().open() ? null : v.readyAt() == null ? v.updatedAt() : v.readyAt();
    return new BuildView(
        buildId(v.id()),
        v.deploymentId(),
        v.id(),
        v.createdBy(),
        state,
        v.errorMessage(),
        v.sha256(),
        at(v.createdAt()),
        at(end),
        end == null ? null : java.time.Duration.between(v.createdAt(), end).toMillis(),
        at(v.createdAt()));
  }

  InstanceView instance(Deployment d, com.atoll.server.deployments.Instance i, Version v) {
    return new InstanceView(
        i.id(),
        d.id(),
        v.id(),
        serviceId(d),
        v.releaseId(),
        d.owner().org().value(),
        d.owner().externalWorkspace(),
        d.owner().externalUser(),
        d.owner().externalProject(),
        i.desired() == com.atoll.server.deployments.Instance.Desired.STOPPED
            ? "stopped"
            : i.desired().wire(),
        i.state(),
        i.address().isEmpty() ? null : i.address(),
        i.port(),
        v.healthPath(),
        i.reason().isEmpty() ? null : i.reason(),
        i.restarts(),
        v.size().cpuMillis(),
        v.size().memoryMb(),
        Map.of(),
        at(i.startedAt()),
        at(i.stoppedAt()),
        at(i.createdAt()),
        at(i.updatedAt()));
  }

  ServiceView service(Deployment d, Version v) {
    boolean serves = d.state() == DeploymentState.RUNNING;
    return new ServiceView(
        serviceId(d),
        d.id(),
        d.owner().org().value(),
        v.kind() == Kind.STATIC ? "static_web" : "web",
        d.name(),
        1,
        serves ? "running" : d.state().wire(),
        Map.of());
  }

  DomainView domain(Domain d) {
    String target = addresses.target(d);
    String kind = d.fqdn().chars().filter(c -> c == '.').count() == 1 ? "ALIAS" : "CNAME";
    return new DomainView(
        d.id(),
        d.org(),
        d.fqdn(),
        d.fqdn(),
        d.deploymentId(),
        d.deploymentId() == null ? null : "deployment",
        d.deploymentId(),
        d.status(),
        d.redirectPolicy(),
        target,
        "Point "
            + d.fqdn()
            + " at "
            + target
            + " with a CNAME record. Where that is not possible, as at an apex: an ALIAS record or the"
            + " addresses of that name, and a TXT record of "
            + DomainProof.textName(d)
            + " with the value "
            + DomainProof.text(d)
            + ". Then verify.",
        Map.of("type", kind, "name", d.fqdn(), "value", target),
        List.of(
            new DomainRecord(kind, d.fqdn(), target),
            new DomainRecord("TXT", DomainProof.textName(d), DomainProof.text(d))),
        at(d.verifiedAt()),
        at(d.checkedAt()),
        d.error(),
        null,
        d.externalWorkspace(),
        d.externalUser(),
        d.externalProject(),
        at(d.createdAt()),
        at(d.updatedAt()));
  }

  /** A deployment with the version that was published to it. */
  PublishView publish(Tx tx, Deployment d, Version v) {
    DeploymentView deployment = deployment(tx, d);
    return new PublishView(
        deployment,
        version(d, v),
        v.sha256() == null ? null : release(d, v),
        List.of(service(d, v)),
        v.promotedAt() != null && v.id().equals(d.activeVersion()),
        d.id(),
        v.id(),
        deployment.publicUrl(),
        deployment.publicUrl(),
        v.state().open() ? "building" : deployment.state(),
        "miosa_deploy");
  }

  /** Whether a deployment serves, check by check. */
  ProofView proof(Tx tx, Deployment d) {
    DeploymentView view = deployment(tx, d);
    boolean running = d.state() == DeploymentState.RUNNING;
    List<ProofView.Check> checks =
        List.of(
            new ProofView.Check("deployment_row", true, "The deployment exists.", null),
            new ProofView.Check(
                "deployment_running",
                running,
                "The deployment is " + d.state().wire() + ".",
                running ? null : "Publish a sandbox, or start the deployment."),
            new ProofView.Check(
                "public_url_present", true, "It is served at " + view.publicUrl() + ".", null));
    return new ProofView(
        running,
        view,
        "miosa_deploy",
        view.publicUrl(),
        checks,
        running ? List.of() : List.of("POST /deployments/" + d.id() + "/publish"));
  }

  static String buildId(String version) {
    return "bld" + version.substring(version.indexOf('_'));
  }

  static String versionOfBuild(String build) {
    return build.startsWith("bld_") ? "ver" + build.substring(3) : build;
  }

  static String serviceId(Deployment d) {
    return "svc" + d.id().substring(d.id().indexOf('_'));
  }

  private static String uri(Version v) {
    return "atoll://releases/" + v.releaseId();
  }

  static @Nullable Instant at(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }
}
