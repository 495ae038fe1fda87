package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.store.Tx;
import org.jspecify.annotations.Nullable;

/** Chooses which version of a deployment is served, and whether one is. */
final class ServingService {
  private final Tables tables;
  private final DeploymentService deployments;
  private final Switch serving;

  ServingService(Tables tables, DeploymentService deployments, Switch serving) {
    this.tables = tables;
    this.deployments = deployments;
    this.serving = serving;
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
    Held.within(
        PublishService.HELD, () -> serving.promote(chosen.deployment(), chosen.version(), event));
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
}
