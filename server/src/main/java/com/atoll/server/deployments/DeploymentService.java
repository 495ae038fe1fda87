package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.DeploymentId;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.http.Json;
import com.atoll.server.identity.Identity;
import com.atoll.server.identity.Ownership;
import com.atoll.server.store.Tx;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import org.jooq.JSONB;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rules of deployments as such; versions are made by {@link PublishService}. */
final class DeploymentService {
  private static final Logger LOG = LoggerFactory.getLogger(DeploymentService.class);
  private static final int LARGEST_METADATA = 16 << 10;

  private final Tables tables;
  private final RouteBook routes;
  private final Views views;
  private final Leftovers leftovers;
  private final Identity identity;

  DeploymentService(
      Tables tables, RouteBook routes, Views views, Leftovers leftovers, Identity identity) {
    this.identity = identity;
    this.tables = tables;
    this.routes = routes;
    this.views = views;
    this.leftovers = leftovers;
  }

  /** The present, as precise as PostgreSQL keeps it. */
  static OffsetDateTime now() {
    return OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
  }

  CreatedView create(Call call, CreateDeployment asked) {
    Map<String, Object> metadata = asked.metadata() == null ? Map.of() : asked.metadata();
    refuseWhatThereIsNot(asked, metadata);
    SandboxScopes.requireForCommands(call.principal(), asked.buildCommand(), asked.runCommand());
    String secret = "whsec_" + Ids.random(32);
    return tables
        .store()
        .transaction(
            call.principal(),
            tx -> {
              Owner owner =
                  Owner.of(call.principal(), identity.resolve(tx, call, asked.ownership()));
              Deployment made = insert(tx, owner, asked, metadata, secret);
              CreatedView view = new CreatedView(views.deployment(tx, made), secret);
              call.idempotentAnswer(tx, view, made.id());
              return view;
            });
  }

  private static void refuseWhatThereIsNot(CreateDeployment asked, Map<String, Object> metadata) {
    boolean docker =
        asked.dockerDeployTemplateId() != null
            || "docker_deploy".equals(metadata.get("deployment_product"));
    if (docker) {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "Docker deployments");
    }
    if (asked.database() != null
        && !(asked.database().isBoolean() && !asked.database().asBoolean())) {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "databases");
    }
    bound(metadata);
  }

  private static void bound(Map<String, Object> metadata) {
    if (Json.MAPPER.writeValueAsBytes(metadata).length > LARGEST_METADATA) {
      throw AtollException.invalid("metadata", "is larger than " + LARGEST_METADATA + " bytes");
    }
  }

  private Deployment insert(
      Tx tx, Owner owner, CreateDeployment asked, Map<String, Object> metadata, String secret) {
    String slug =
        asked.slug() == null ? Addresses.slugOf(asked.name()) : Addresses.chosenSlug(asked.slug());
    String source = asked.sourceType();
    return insert(
        tx,
        new Deployment(
            DeploymentId.next().value(),
            owner,
            asked.name(),
            slug,
            source != null ? source : asked.repoUrl() == null ? "sandbox" : "repo",
            asked.repoUrl(),
            asked.branch(),
            asked.buildCommand(),
            asked.runCommand(),
            DeploymentState.PENDING,
            !Boolean.FALSE.equals(asked.autoDeploy()),
            metadata,
            null,
            1,
            now(),
            now(),
            false),
        asked.slug() != null,
        secret);
  }

  /** Stores it; a slug that was only made from the name gets a tail when it is taken. */
  private Deployment insert(Tx tx, Deployment made, boolean chosen, String secret) {
    byte[] sealed =
        tables
            .vault()
            .seal(tx, made.id(), "webhook_secret", secret.getBytes(StandardCharsets.UTF_8));
    if (tables.deployments().insert(tx, made, sealed)) {
      return made;
    }
    if (!chosen) {
      Deployment other = made.withSlug(made.slug() + "-" + Ids.random(6));
      if (tables.deployments().insert(tx, other, sealed)) {
        return other;
      }
    }
    throw AtollException.of(ErrorCode.SLUG_TAKEN, made.slug());
  }

  /** A new deployment for a sandbox that was never published. */
  Deployment createFor(Tx tx, Owner owner, String name) {
    return insert(
        tx,
        new Deployment(
            DeploymentId.next().value(),
            owner,
            name,
            Addresses.slugOf(name),
            "sandbox",
            null,
            null,
            null,
            null,
            DeploymentState.BUILDING,
            true,
            Map.of(),
            null,
            1,
            now(),
            now(),
            false),
        false,
        "whsec_" + Ids.random(32));
  }

  DeploymentView get(Principal principal, String reference) {
    return tables
        .store()
        .transaction(
            principal, tx -> views.deployment(tx, tables.deployments().require(tx, reference)));
  }

  DeploymentView update(Call call, UpdateDeployment asked) {
    SandboxScopes.requireForCommands(call.principal(), asked.buildCommand(), asked.runCommand());
    String slug = asked.slug() == null ? null : Addresses.chosenSlug(asked.slug());
    if (asked.metadata() != null) {
      bound(asked.metadata());
    }
    record Change(DeploymentView view, RouteBook.Page page) {}
    try {
      Change change =
          tables
              .store()
              .transaction(
                  call.principal(),
                  tx -> {
                    String id = tables.deployments().require(tx, call.path("id")).id();
                    Deployment changed =
                        tables
                            .deployments()
                            .changed(
                                tx,
                                id,
                                """
                                name = coalesce(?, name), slug = coalesce(?, slug),
                                branch = coalesce(?, branch),
                                build_command = coalesce(?, build_command),
                                run_command = coalesce(?, run_command),
                                auto_deploy = coalesce(?, auto_deploy),
                                metadata = coalesce(?, metadata)\
                                """,
                                asked.name(),
                                slug,
                                asked.branch(),
                                asked.buildCommand(),
                                asked.runCommand(),
                                asked.autoDeploy(),
                                json(asked.metadata()));
                    tables.deployments().tell(tx, changed, "deployment.updated", Map.of());
                    return new Change(views.deployment(tx, changed), routes.page(tx, changed));
                  });
      routes.putInForce(change.page());
      return change.view();
    } catch (DataAccessException e) {
      throw DeploymentStore.slugTaken(e, Objects.requireNonNullElse(slug, ""));
    }
  }

  private static @Nullable JSONB json(@Nullable Map<String, Object> metadata) {
    return metadata == null ? null : JSONB.valueOf(Json.MAPPER.writeValueAsString(metadata));
  }

  /** Moves a deployment to another workspace of its organization. */
  DeploymentView move(Call call, String workspace) {
    return tables
        .store()
        .transaction(
            call.principal(),
            tx -> {
              String id = tables.deployments().require(tx, call.path("id")).id();
              com.atoll.server.identity.Owner to =
                  identity.resolve(
                      tx,
                      call,
                      new Ownership(workspace, null, null, null, null, null, null, null, null));
              Deployment moved =
                  tables
                      .deployments()
                      .changed(
                          tx,
                          id,
                          "workspace_id = ?, project_id = ?",
                          to.workspaceId(),
                          to.projectId());
              tables
                  .deployments()
                  .tell(tx, moved, "deployment.moved", Map.of("workspace_id", to.workspaceId()));
              return views.deployment(tx, moved);
            });
  }

  /** Deletes a deployment: its hosts are free and silent at once, its machines soon. */
  DeletedView delete(Principal principal, String reference) {
    Deployment deleted =
        tables
            .store()
            .transaction(
                principal,
                tx -> {
                  String id = tables.deployments().require(tx, reference).id();
                  Deployment last = tables.deployments().changed(tx, id, "");
                  tx.sql().execute("update deployments set deleted_at = now() where id = ?", id);
                  tx.sql().execute("delete from custom_domains where deployment_id = ?", id);
                  tx.sql()
                      .execute(
                          """
                          update deployment_instances set desired = 'stopped', state = 'stopped',
                            stopped_at = now() where deployment_id = ? and desired <> 'stopped'\
                          """,
                          id);
                  tables.deployments().tell(tx, last, "deployment.deleted", Map.of());
                  return Objects.requireNonNull(tables.deployments().byId(tx, id));
                });
    CrashPoint.DELETE_AFTER_COMMIT.reach();
    routes.putInForce(new RouteBook.Page(RouteBook.key(deleted.id()), null, Long.MAX_VALUE));
    try {
      leftovers.ofDeleted(deleted);
    } catch (RuntimeException later) {
      LOG.info("Deployment {} is cleared away by the next comparison.", deleted.id(), later);
    }
    return new DeletedView(deleted.id(), true);
  }
}
