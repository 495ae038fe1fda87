package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Tx;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Publishes: takes the order down, begins the work and waits for it as long as a client does. */
final class PublishService {
  static final Duration HELD = Duration.ofSeconds(25);

  private final Tables tables;
  private final DeploymentService deployments;
  private final Publications publications;
  private final Drafts drafts;
  private final Sandboxes sandboxes;
  private final Addresses addresses;
  private final Views views;

  PublishService(
      Tables tables,
      DeploymentService deployments,
      Publications publications,
      Drafts drafts,
      Sandboxes sandboxes,
      Addresses addresses,
      Views views) {
    this.tables = tables;
    this.deployments = deployments;
    this.publications = publications;
    this.drafts = drafts;
    this.sandboxes = sandboxes;
    this.addresses = addresses;
    this.views = views;
  }

  /** Publishes a sandbox to a deployment that exists. */
  PublishView publish(Call call, PublishDeployment asked) {
    refuse(asked.dataServices(), null, null);
    Principal who = call.principal();
    PublishInput input = PublishInput.of(asked);
    SandboxScopes.require(who, input);
    String reference = source(call, asked);
    Sandbox sandbox = sandbox(who, reference);
    boolean promote = !Boolean.FALSE.equals(asked.promote());
    return made(
        call,
        tx ->
            drafts.first(
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
    PublishInput input = PublishInput.of(asked);
    SandboxScopes.require(who, input);
    Sandbox sandbox = sandboxes.require(who, call.path("id"));
    String domain = asked.domain() == null ? null : addresses.domain(asked.domain());
    if (domain != null) {
      tables.domains().requireFree(who.org(), domain);
    }
    boolean promote = !Boolean.FALSE.equals(asked.promote());
    return made(
        call,
        tx -> {
          Deployment target = target(tx, who, sandbox, asked);
          if (domain != null) {
            tables.domains().insert(tx, DomainService.pending(addresses, target, domain));
          }
          return drafts.first(tx, call, target, sandbox, input, promote);
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
    boolean reads = who.allows(SandboxScopes.READ);
    if (last.sha256() == null) {
      who.requireScope(SandboxScopes.READ);
    }
    // Whoever may not read the sandbox publishes again what was published of it.
    Sandbox sandbox = reads ? living(who, last.sourceSandbox()) : null;
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
                  ? drafts.again(tx, call, d, last)
                  : drafts.first(tx, call, d, sandbox, last.input(), true);
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

  private PublishView made(Call call, Function<Tx, Drafts.Made> make) {
    Principal who = call.principal();
    String key = Drafts.requestKey(call);
    Drafts.Made made =
        tables
            .store()
            .transaction(
                who,
                tx -> {
                  Version known = tables.versions().byRequest(tx, key);
                  return known == null
                      ? make.apply(tx)
                      : new Drafts.Made(
                          tables.deployments().require(tx, known.deploymentId()), known);
                });
    CrashPoint.PUBLISH_AFTER_COMMIT.reach();
    if (made.version().state().open()) {
      publications.begin(who.org(), made.deployment().id(), made.version().id());
      publications.await(made.version().id(), HELD);
    }
    return answer(who, made);
  }

  private PublishView answer(Principal who, Drafts.Made made) {
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
