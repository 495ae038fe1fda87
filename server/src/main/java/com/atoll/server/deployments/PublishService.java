package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.model.VersionId;
import com.atoll.server.http.Call;
import com.atoll.server.http.Json;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Tx;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Makes versions and switches between them. */
final class PublishService {
  private static final Duration HELD = Duration.ofSeconds(25);
  private static final long MOST_MEMORY_MB = 2048;

  private final Tables tables;
  private final DeploymentService deployments;
  private final Publications publications;
  private final Switch serving;
  private final Sandboxes sandboxes;
  private final Addresses addresses;
  private final Views views;

  PublishService(
      Tables tables,
      DeploymentService deployments,
      Publications publications,
      Switch serving,
      Sandboxes sandboxes,
      Addresses addresses,
      Views views) {
    this.tables = tables;
    this.deployments = deployments;
    this.publications = publications;
    this.serving = serving;
    this.sandboxes = sandboxes;
    this.addresses = addresses;
    this.views = views;
  }

  /** Publishes a sandbox to a deployment that exists. */
  PublishView publish(Call call, PublishDeployment asked) {
    refuse(asked.dataServices(), null, null);
    Principal who = call.principal();
    String reference = source(call, asked);
    Sandbox sandbox = sandbox(who, reference);
    PublishInput input =
        new PublishInput(
            or(asked.kind(), "auto"),
            or(asked.environment(), "production"),
            asked.outputPath(),
            asked.entrypoint(),
            asked.buildCommand(),
            asked.runCommand(),
            asked.port(),
            asked.healthCheckPath());
    boolean promote = !Boolean.FALSE.equals(asked.promote());
    return made(
        call,
        tx ->
            insert(
                tx,
                call,
                tables.deployments().require(tx, call.path("id")),
                sandbox,
                input,
                promote));
  }

  /** Publishes a sandbox, to a new deployment when it has none. */
  PublishView deploy(Call call, DeploySandbox asked) {
    refuse(asked.dataServices(), asked.database(), asked.deploymentType());
    Principal who = call.principal();
    Sandbox sandbox = sandboxes.require(who, call.path("id"));
    String domain = asked.domain() == null ? null : addresses.domain(asked.domain());
    PublishInput input =
        new PublishInput(
            or(asked.kind(), "auto"),
            or(asked.environment(), "production"),
            asked.outputPath(),
            asked.entrypoint(),
            asked.buildCommand(),
            asked.runCommand(),
            asked.port(),
            asked.healthCheckPath());
    boolean promote = !Boolean.FALSE.equals(asked.promote());
    return made(
        call,
        tx -> {
          Deployment target = target(tx, who, sandbox, asked);
          if (domain != null) {
            tables.domains().insert(tx, DomainService.pending(target, domain));
          }
          return insert(tx, call, target, sandbox, input, promote);
        });
  }

  private Deployment target(Tx tx, Principal who, Sandbox sandbox, DeploySandbox asked) {
    if (asked.deploymentId() != null) {
      return tables.deployments().require(tx, asked.deploymentId());
    }
    Version before = tables.versions().newestFrom(tx, sandbox.id());
    if (before != null) {
      Deployment known = tables.deployments().require(tx, before.deploymentId());
      if (asked.name() == null || asked.name().equals(known.name())) {
        return known;
      }
    }
    Sandbox.Owner of = sandbox.owner();
    Owner owner =
        new Owner(
            who.org(),
            who.key().value(),
            of.workspaceId(),
            of.projectId(),
            orElse(asked.externalWorkspaceId(), of.externalWorkspaceId()),
            Owner.user(who, orElse(asked.externalUserId(), of.externalUserId())),
            orElse(asked.externalProjectId(), of.externalProjectId()));
    return deployments.createFor(tx, owner, or(asked.name(), sandbox.name()));
  }

  /** Publishes the present source of a deployment again, with its present environment. */
  RedeployView redeploy(Call call) {
    Principal who = call.principal();
    Version last =
        tables
            .store()
            .transaction(
                who,
                tx -> {
                  Deployment d = tables.deployments().require(tx, call.path("id"));
                  String active = d.activeVersion();
                  Version version = active == null ? null : tables.versions().byId(tx, active);
                  return version == null ? tables.versions().newest(tx, d.id()) : version;
                });
    Sandbox sandbox = living(who, last.sourceSandbox());
    if (sandbox == null && last.sha256() == null) {
      throw AtollException.of(
          ErrorCode.RESOURCE_STATE, "its sandbox is gone and it has no release to start from");
    }
    PublishView view =
        made(
            call,
            tx -> {
              Deployment d = tables.deployments().require(tx, last.deploymentId());
              return sandbox == null
                  ? copy(tx, call, d, last)
                  : insert(tx, call, d, sandbox, last.input(), true);
            });
    Version version =
        tables
            .store()
            .transaction(
                who, tx -> tables.versions().require(tx, view.deploymentId(), view.versionId()));
    BuildView build = views.build(version);
    return new RedeployView(view.deployment(), build, build.id(), view.deploymentId());
  }

  private @Nullable Sandbox living(Principal who, @Nullable String id) {
    if (id == null) {
      return null;
    }
    try {
      return sandboxes.require(who, id);
    } catch (AtollException gone) {
      return null;
    }
  }

  DeploymentView rollback(Call call, @Nullable String versionId) {
    return switchTo(
        call,
        "deployment.rolled_back",
        (tx, deployment) -> {
          if (versionId != null) {
            return tables.versions().require(tx, deployment.id(), versionId);
          }
          String active = deployment.activeVersion();
          Version now = active == null ? null : tables.versions().byId(tx, active);
          Version before =
              now == null ? null : tables.versions().readyBefore(tx, deployment.id(), now.number());
          if (before == null) {
            throw AtollException.of(
                ErrorCode.RESOURCE_STATE, "there is no earlier ready version to roll back to");
          }
          return before;
        });
  }

  DeploymentView promote(Call call, String versionId) {
    return switchTo(
        call,
        "deployment.promoted",
        (tx, deployment) -> tables.versions().require(tx, deployment.id(), versionId));
  }

  /** Chooses a version inside a transaction. */
  interface Choice {
    Version of(Tx tx, Deployment deployment);
  }

  DeploymentView switchTo(Call call, String event, Choice choice) {
    record Chosen(Deployment deployment, Version version) {}
    Chosen chosen =
        tables
            .store()
            .transaction(
                call.principal(),
                tx -> {
                  Deployment d = tables.deployments().require(tx, call.path("id"));
                  return new Chosen(d, choice.of(tx, d));
                });
    Held.within(HELD, () -> serving.promote(chosen.deployment(), chosen.version(), event));
    return deployments.get(call.principal(), chosen.deployment().id());
  }

  DeploymentView stop(Call call) {
    Deployment deployment = deployment(call);
    if (deployment.activeVersion() == null) {
      throw AtollException.of(ErrorCode.RESOURCE_STATE, "nothing is served yet");
    }
    serving.stop(deployment);
    return deployments.get(call.principal(), deployment.id());
  }

  DeploymentView start(Call call) {
    return switchTo(
        call,
        "deployment.started",
        (tx, deployment) -> {
          String active = deployment.activeVersion();
          if (active == null) {
            throw AtollException.of(ErrorCode.RESOURCE_STATE, "nothing was published yet");
          }
          return tables.versions().require(tx, deployment.id(), active);
        });
  }

  private Deployment deployment(Call call) {
    return tables
        .store()
        .transaction(call.principal(), tx -> tables.deployments().require(tx, call.path("id")));
  }

  private record Made(Deployment deployment, Version version) {}

  private PublishView made(Call call, Function<Tx, Made> make) {
    Principal who = call.principal();
    String key = requestKey(call);
    Made made =
        tables
            .store()
            .transaction(
                who,
                tx -> {
                  Version known = tables.versions().byRequest(tx, key);
                  return known == null
                      ? make.apply(tx)
                      : new Made(tables.deployments().require(tx, known.deploymentId()), known);
                });
    CrashPoint.PUBLISH_AFTER_COMMIT.reach();
    if (made.version().state().open()) {
      publications.begin(who.org(), made.deployment().id(), made.version().id());
      publications.await(made.version().id(), HELD);
    }
    return answer(who, made);
  }

  private PublishView answer(Principal who, Made made) {
    return tables
        .store()
        .transaction(
            who,
            tx -> {
              Deployment d = tables.deployments().require(tx, made.deployment().id());
              Version v = tables.versions().require(tx, d.id(), made.version().id());
              if (v.state() == VersionState.FAILED) {
                throw failed(d, v);
              }
              return views.publish(tx, d, v);
            });
  }

  private static AtollException failed(Deployment d, Version v) {
    ErrorCode code =
        java.util.Arrays.stream(ErrorCode.values())
            .filter(known -> known.code().equals(v.errorCode()))
            .findFirst()
            .orElse(ErrorCode.INTERNAL_ERROR);
    return AtollException.withMessage(code, or(v.errorMessage(), code.template()))
        .detail("deployment_id", d.id())
        .detail("version_id", v.id());
  }

  private static @Nullable String requestKey(Call call) {
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

  private Made insert(
      Tx tx,
      Call call,
      Deployment deployment,
      Sandbox sandbox,
      PublishInput asked,
      boolean promote) {
    PublishInput input =
        new PublishInput(
            asked.kind(),
            asked.environment(),
            asked.outputPath(),
            asked.entrypoint(),
            orElse(asked.buildCommand(), deployment.buildCommand()),
            orElse(asked.runCommand(), deployment.runCommand()),
            asked.port(),
            asked.healthPath());
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
  private Made copy(Tx tx, Call call, Deployment deployment, Version v) {
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

  private String source(Call call, PublishDeployment asked) {
    if (asked.sourceSandboxId() != null) {
      return asked.sourceSandboxId();
    }
    JsonNode source = asked.source();
    if (source != null) {
      for (String name : List.of("source_sandbox_id", "sandbox_id", "id")) {
        if (source.path(name).isString()) {
          return source.path(name).asString();
        }
      }
    }
    Version newest =
        tables
            .store()
            .find(
                call.principal(),
                tx -> {
                  Deployment d = tables.deployments().require(tx, call.path("id"));
                  return tables.versions().newestOrNull(tx, d.id());
                });
    String before = newest == null ? null : newest.sourceSandbox();
    if (before == null) {
      throw AtollException.invalid("source_sandbox_id", "is required");
    }
    return before;
  }

  private Sandbox sandbox(Principal who, String reference) {
    try {
      return sandboxes.require(who, Ids.reference(reference));
    } catch (AtollException refused) {
      if (refused.code() == ErrorCode.SANDBOX_DESTROYED) {
        throw AtollException.of(ErrorCode.RESOURCE_STATE, "sandbox " + reference + " is destroyed");
      }
      if (refused.code() == ErrorCode.INVALID_ID) {
        throw AtollException.invalid("source_sandbox_id", "is not an id");
      }
      throw refused;
    }
  }

  private static void refuse(
      @Nullable List<Object> services, @Nullable JsonNode database, @Nullable String type) {
    if (services != null && !services.isEmpty()) {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "data services");
    }
    if (database != null && !(database.isBoolean() && !database.asBoolean())) {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "databases");
    }
    if (type != null && !type.equals("miosa_deploy")) {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "deployment_type " + shown(type));
    }
  }

  private static String shown(String text) {
    return Publisher.shortened(text, 40);
  }

  private static String or(@Nullable String value, String otherwise) {
    return Objects.requireNonNullElse(value, otherwise);
  }

  private static @Nullable String orElse(@Nullable String value, @Nullable String otherwise) {
    return value == null ? otherwise : value;
  }
}
