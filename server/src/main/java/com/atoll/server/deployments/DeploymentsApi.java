package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.identity.Identity;
import com.atoll.server.identity.Ownership;
import java.util.List;

/** Create, find, change and delete deployments. */
final class DeploymentsApi {
  static final String READ = "deployments:read";
  static final String WRITE = "deployments:write";

  private final Tables tables;
  private final DeploymentService deployments;
  private final ServingService serving;
  private final Views views;
  private final Identity identity;

  DeploymentsApi(
      Tables tables,
      DeploymentService deployments,
      ServingService serving,
      Views views,
      Identity identity) {
    this.tables = tables;
    this.deployments = deployments;
    this.serving = serving;
    this.views = views;
    this.identity = identity;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        create("/deployments", "deployments.create", "P1"),
        create("/projects/:project_id/deployments", "deployments.create_in_project", "P2"),
        listed(
                Operation.get("/deployments"),
                "deployments.list",
                "Lists deployments, newest first.")
            .priority("P1")
            .query("workspace_id", "Only of this workspace.")
            .list(DeploymentView.class)
            .handle(this::list),
        listed(
                Operation.get("/workspaces/:workspace_id/deployments"),
                "workspaces.deployments.list",
                "Lists the deployments of a workspace, newest first.")
            .priority("P3")
            .errors(ErrorCode.NOT_FOUND)
            .list(DeploymentView.class)
            .handle(this::list),
        Operation.get("/deployments/:id")
            .id("deployments.get")
            .summary("Shows a deployment.")
            .priority("P1")
            .scope(READ)
            .response(DeploymentView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND)
            .handle(call -> deployments.get(call.principal(), call.path("id"))),
        Operation.get("/deployments/:id/proof")
            .id("deployments.proof")
            .summary("Says check by check whether a deployment serves.")
            .priority("P2")
            .scope(READ)
            .response(ProofView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND)
            .handle(call ->
                tables
                    .store()
                    .transaction(
                        call.principal(),
                        tx -> views.proof(tx, tables.deployments().require(tx, call.path("id"))))),
        Operation.patch("/deployments/:id")
            .id("deployments.update")
            .summary("Changes a deployment; commands count from the next publish.")
            .priority("P2")
            .scope(WRITE)
            .idempotency(Idempotency.NATURAL)
            .request(UpdateDeployment.class)
            .response(DeploymentView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND, ErrorCode.SLUG_TAKEN)
            .handle((call, body) -> deployments.update(call, body)),
        Operation.delete("/deployments/:id")
            .id("deployments.delete")
            .summary("Deletes a deployment with all its versions; its hosts fall silent.")
            .priority("P2")
            .scope(WRITE)
            .idempotency(Idempotency.NATURAL)
            .response(DeletedView.class, Envelope.FLAT)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND)
            .handle(call -> deployments.delete(call.principal(), call.path("id"))),
        Operation.post("/deployments/:id/stop")
            .id("deployments.stop")
            .summary("Stops serving; the versions are kept.")
            .priority("P2")
            .scope(WRITE)
            .idempotency(Idempotency.NATURAL)
            .response(DeploymentView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND, ErrorCode.RESOURCE_STATE)
            .handle(serving::stop),
        Operation.post("/deployments/:id/start")
            .id("deployments.start")
            .summary("Serves again what was stopped.")
            .priority("P2")
            .scope(WRITE)
            .idempotency(Idempotency.NATURAL)
            .response(DeploymentView.class, Envelope.FLAT_MIRROR)
            .errors(
                ErrorCode.DEPLOYMENT_NOT_FOUND,
                ErrorCode.RESOURCE_STATE,
                ErrorCode.HEALTH_CHECK_FAILED)
            .handle(serving::start),
        Operation.post("/deployments/:id/move")
            .id("deployments.move")
            .summary("Moves a deployment to another workspace of its organization.")
            .priority("P2")
            .scope(WRITE)
            .idempotency(Idempotency.NATURAL)
            .request(MoveDeployment.class)
            .response(DeploymentView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND, ErrorCode.WORKSPACE_NOT_FOUND)
            .handle((call, body) -> deployments.move(call, body.targetWorkspaceId())));
  }

  private Operation<CreateDeployment, CreatedView> create(String path, String id, String priority) {
    return Operation.post(path)
        .id(id)
        .summary("Creates a deployment that serves nothing yet.")
        .priority(priority)
        .scope(WRITE)
        .idempotency(Idempotency.KEY)
        .request(CreateDeployment.class)
        .response(CreatedView.class, Envelope.FLAT)
        .status(201)
        .errors(
            ErrorCode.SLUG_TAKEN,
            ErrorCode.WORKSPACE_NOT_FOUND,
            ErrorCode.PROJECT_NOT_FOUND,
            ErrorCode.NOT_FOUND,
            ErrorCode.NOT_IMPLEMENTED)
        .handle((call, body) ->
            id.endsWith("project")
                ? createIn(call, body, call.path("project_id"))
                : deployments.create(call, body));
  }

  /** A project that is named by the path is a missing resource, not a wrong field. */
  private CreatedView createIn(Call call, CreateDeployment body, String project) {
    try {
      return deployments.create(call, in(body, project));
    } catch (AtollException refused) {
      throw refused.code() == ErrorCode.PROJECT_NOT_FOUND
          ? AtollException.of(ErrorCode.NOT_FOUND, "project " + project)
          : refused;
    }
  }

  private static CreateDeployment in(CreateDeployment b, String project) {
    Ownership wish = b.ownership();
    if (wish.projectId() != null && !wish.projectId().equals(project)) {
      throw AtollException.invalid("project_id", "contradicts the path");
    }
    return b.ownedBy(
        new Ownership(
            wish.workspaceId(),
            wish.workspaceSlug(),
            wish.workspaceName(),
            project,
            null,
            null,
            wish.externalWorkspaceId(),
            wish.externalUserId(),
            wish.externalProjectId()));
  }

  private static OperationBuilder<NoBody, NoBody> listed(
      OperationBuilder<NoBody, NoBody> operation, String id, String summary) {
    return operation
        .id(id)
        .summary(summary)
        .scope(READ)
        .query("project_id", "Only of this project.")
        .query("state", "Only in this state.")
        .query("external_workspace_id", "Only of this workspace of the customer.")
        .query("external_user_id", "Only of this user of the customer.")
        .query("external_project_id", "Only of this project of the customer.");
  }

  private Page<DeploymentView> list(Call call) {
    return tables
        .store()
        .transaction(
            call.principal(),
            tx ->
                tables
                    .deployments()
                    .list(
                        tx,
                        identity.filter(tx, call, "deployments"),
                        call.query("state"),
                        call.paging())
                    .map(deployment -> views.deployment(tx, deployment)));
  }
}
