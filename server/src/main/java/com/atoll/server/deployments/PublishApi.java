package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.function.BiFunction;

/** Publish, and switch between versions and releases. */
final class PublishApi {
  private final Tables tables;
  private final PublishService publishing;
  private final ServingService serving;
  private final Views views;

  PublishApi(Tables tables, PublishService publishing, ServingService serving, Views views) {
    this.tables = tables;
    this.publishing = publishing;
    this.serving = serving;
    this.views = views;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        publish(
                "/deployments/:id/publish",
                "deployments.publish",
                "Publishes a sandbox to a deployment; needs sandboxes:read too, and with commands"
                    + " sandboxes:exec.")
            .request(PublishDeployment.class)
            .response(PublishView.class, Envelope.FLAT_MIRROR)
            .handle((call, body) -> publishing.publish(call, body)),
        publish(
                "/sandboxes/:id/deploy",
                "sandboxes.deploy",
                "Publishes a sandbox, to a new deployment when it has none; needs sandboxes:read too,"
                    + " and with commands sandboxes:exec.")
            .request(DeploySandbox.class)
            .response(PublishView.class, Envelope.FLAT_MIRROR)
            .handle((call, body) -> publishing.deploy(call, body)),
        Operation.post("/deployments/:id/redeploy")
            .id("deployments.redeploy")
            .summary(
                "Publishes the present source again, with the present environment; without"
                    + " sandboxes:read the files of the version that it serves.")
            .priority("P2")
            .scope(DeploymentsApi.WRITE)
            .idempotency(Idempotency.KEY)
            .response(RedeployView.class, Envelope.FLAT_MIRROR)
            .errors(
                ErrorCode.DEPLOYMENT_NOT_FOUND,
                ErrorCode.RESOURCE_STATE,
                ErrorCode.BUILD_FAILED,
                ErrorCode.HEALTH_CHECK_FAILED)
            .handle(publishing::redeploy),
        switching(
                "/deployments/:id/rollback",
                "deployments.rollback",
                "Serves an earlier version again.",
                "P1")
            .request(Rollback.class)
            .response(DeploymentView.class, Envelope.FLAT_MIRROR)
            .handle((call, body) -> serving.rollback(call, body.versionId())),
        switching(
                "/deployments/:id/versions/:version_id/promote",
                "deployments.versions.promote",
                "Serves a version.",
                "P1")
            .request(Promote.class)
            .response(DeploymentView.class, Envelope.FLAT_MIRROR)
            .handle((call, body) -> serving.promote(call, call.path("version_id"))),
        Operation.post("/deployments/:id/releases/:release_id/promote")
            .id("deployments.releases.promote")
            .summary("Serves the newest version of a release.")
            .priority("P2")
            .scope(DeploymentsApi.WRITE)
            // Clients send one fixed key for each release: a stored answer would be stale after
            // another switch.
            .idempotency(Idempotency.NATURAL)
            .response(DeploymentView.class, Envelope.FLAT_MIRROR)
            .errors(
                ErrorCode.DEPLOYMENT_NOT_FOUND,
                ErrorCode.RESOURCE_STATE,
                ErrorCode.HEALTH_CHECK_FAILED)
            .handle(call ->
                serving.switchTo(
                    call,
                    "deployment.promoted",
                    (tx, d) -> ofRelease(tx, d, call.path("release_id")))),
        Operation.get("/deployments/:id/versions")
            .id("deployments.versions.list")
            .summary("Lists the versions of a deployment, newest first.")
            .priority("P1")
            .scope(DeploymentsApi.READ)
            .list(VersionView.class)
            .query("state", "Only in this state.")
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND)
            .handle(this::versions),
        Operation.get("/deployments/:id/versions/:version_id")
            .id("deployments.versions.get")
            .summary("Shows a version.")
            .priority("P1")
            .scope(DeploymentsApi.READ)
            .response(VersionView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND, ErrorCode.VERSION_NOT_FOUND)
            .handle(call ->
                with(
                    call,
                    (tx, d) ->
                        views.version(
                            d, tables.versions().require(tx, d.id(), call.path("version_id"))))),
        Operation.get("/deployments/:id/releases")
            .id("deployments.releases.list")
            .summary("Lists the releases of a deployment, newest first.")
            .priority("P2")
            .scope(DeploymentsApi.READ)
            .list(ReleaseView.class)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND)
            .handle(call ->
                with(
                    call,
                    (tx, d) ->
                        tables
                            .versions()
                            .released(tx, d.id(), call.paging())
                            .map(version -> views.release(d, version)))),
        Operation.get("/deployments/:id/releases/:release_id")
            .id("deployments.releases.get")
            .summary("Shows a release.")
            .priority("P2")
            .scope(DeploymentsApi.READ)
            .response(ReleaseView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND, ErrorCode.NOT_FOUND)
            .handle(call ->
                with(
                    call, (tx, d) -> views.release(d, ofRelease(tx, d, call.path("release_id"))))));
  }

  private static OperationBuilder<?, ?> base(String path, String id, String summary) {
    return Operation.post(path)
        .id(id)
        .summary(summary)
        .scope(DeploymentsApi.WRITE)
        .idempotency(Idempotency.KEY);
  }

  private static OperationBuilder<?, ?> publish(String path, String id, String summary) {
    return base(path, id, summary)
        .priority("P1")
        .errors(
            ErrorCode.DEPLOYMENT_NOT_FOUND,
            ErrorCode.SANDBOX_NOT_FOUND,
            ErrorCode.SANDBOX_DESTROYED,
            ErrorCode.RESOURCE_STATE,
            ErrorCode.BUILD_FAILED,
            ErrorCode.HEALTH_CHECK_FAILED,
            ErrorCode.DOMAIN_TAKEN,
            ErrorCode.NODE_UNAVAILABLE,
            ErrorCode.NOT_IMPLEMENTED);
  }

  private static OperationBuilder<?, ?> switching(
      String path, String id, String summary, String priority) {
    return base(path, id, summary)
        .priority(priority)
        .errors(
            ErrorCode.DEPLOYMENT_NOT_FOUND,
            ErrorCode.VERSION_NOT_FOUND,
            ErrorCode.RESOURCE_STATE,
            ErrorCode.HEALTH_CHECK_FAILED);
  }

  private Version ofRelease(Tx tx, Deployment deployment, String release) {
    Version version = tables.versions().newestOf(tx, deployment.id(), release);
    if (version == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "release " + release);
    }
    return version;
  }

  private Page<VersionView> versions(Call call) {
    return with(
        call,
        (tx, d) ->
            tables
                .versions()
                .list(tx, d.id(), call.query("state"), call.paging())
                .map(version -> views.version(d, version)));
  }

  private <T> T with(Call call, BiFunction<Tx, Deployment, T> work) {
    return tables
        .store()
        .transaction(
            call.principal(),
            tx -> work.apply(tx, tables.deployments().require(tx, call.path("id"))));
  }
}
