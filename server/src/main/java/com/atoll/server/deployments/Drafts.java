package com.atoll.server.deployments;

import com.atoll.model.Ids;
import com.atoll.model.VersionId;
import com.atoll.server.http.Call;
import com.atoll.server.http.Json;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.store.Tx;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** New versions, before any work on them. */
final class Drafts {
  private static final long MOST_MEMORY_MB = 2048;

  private final Tables tables;

  Drafts(Tables tables) {
    this.tables = tables;
  }

  /** A version that was taken down, and the deployment as it is with it. */
  record Made(Deployment deployment, Version version) {}

  /** What makes a repeated request the same one; null when its sender gave no key. */
  static @Nullable String requestKey(Call call) {
    String key = call.header("Idempotency-Key");
    return key == null || key.isBlank()
        ? null
        : "%s %s %s %s"
            .formatted(
                call.principal().key().value(),
                call.path("id"),
                UUID.nameUUIDFromBytes(Json.MAPPER.writeValueAsBytes(call.json())),
                key);
  }

  /** The first version of the files that a sandbox has now. */
  Made first(
      Tx tx,
      Call call,
      Deployment deployment,
      Sandbox sandbox,
      PublishInput asked,
      boolean promote) {
    PublishInput input = asked.completed(deployment);
    Version.Size size =
        new Version.Size(
            sandbox.shape().cpus() * 1000,
            Math.min(sandbox.shape().memoryMb(), MOST_MEMORY_MB),
            sandbox.shape().diskMb());
    Version version =
        new Version(
            VersionId.next().value(),
            deployment.id(),
            0,
            VersionState.CREATED,
            Step.CREATED,
            sandbox.id(),
            call.principal().key().value(),
            input,
            promote,
            "static".equals(input.kind()) ? Kind.STATIC : Kind.DYNAMIC,
            Planner.absolute(input.outputPath()),
            null,
            null,
            input.port(),
            input.healthPath(),
            Ids.next("rel"),
            null,
            null,
            null,
            null,
            size,
            "",
            null,
            null,
            DeploymentService.now(),
            DeploymentService.now(),
            null,
            null);
    return insert(tx, call, deployment, version);
  }

  /** A version of the same files, which starts with the present environment. */
  Made again(Tx tx, Call call, Deployment deployment, Version v) {
    Version version =
        new Version(
            VersionId.next().value(),
            deployment.id(),
            0,
            VersionState.BUILDING,
            Step.FROZEN,
            v.sourceSandbox(),
            call.principal().key().value(),
            v.input(),
            true,
            v.kind(),
            v.folder(),
            v.entrypoint(),
            v.command(),
            v.port(),
            v.healthPath(),
            v.releaseId(),
            v.templateId(),
            v.sha256(),
            v.sizeBytes(),
            v.files(),
            v.size(),
            "",
            null,
            null,
            DeploymentService.now(),
            DeploymentService.now(),
            null,
            null);
    return insert(tx, call, deployment, version);
  }

  private Made insert(Tx tx, Call call, Deployment deployment, Version version) {
    Deployment changed =
        tables
            .deployments()
            .changed(
                tx,
                deployment.id(),
                "state = case when active_version_id is null then 'building' else state end");
    Version numbered = version.numbered(tables.versions().nextNumber(tx, deployment.id()));
    tables.versions().insert(tx, numbered, deployment.owner().externalUser(), requestKey(call));
    tables.deployments().tell(tx, changed, "deployment.build_started", Switch.data(numbered));
    return new Made(changed, numbered);
  }
}
