package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Json;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Event;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jooq.Condition;
import org.jooq.JSONB;
import org.jooq.Record;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;

/** Rows of deployments. */
final class DeploymentStore {
  /** Stores a new deployment; false when another one has its slug, seen or unseen. */
  boolean insert(Tx tx, Deployment d, byte[] webhookSecret) {
    int rows =
        tx.sql()
            .execute(
                """
                insert into deployments (id, org, workspace_id, project_id, owner_id,
                  external_workspace_id, external_user_id, external_project_id, name, slug,
                  source_type, repo_url, branch, build_command, run_command, state, auto_deploy,
                  metadata, webhook_secret, version, created_at, updated_at)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                on conflict (org, slug) where deleted_at is null do nothing\
                """,
                d.id(),
                d.owner().org().value(),
                d.owner().workspace(),
                d.owner().project(),
                d.owner().key(),
                d.owner().externalWorkspace(),
                d.owner().externalUser(),
                d.owner().externalProject(),
                d.name(),
                d.slug(),
                d.sourceType(),
                d.repoUrl(),
                d.branch(),
                d.buildCommand(),
                d.runCommand(),
                d.state().wire(),
                d.autoDeploy(),
                JSONB.valueOf(Json.MAPPER.writeValueAsString(d.metadata())),
                webhookSecret,
                d.version(),
                d.createdAt(),
                d.updatedAt());
    if (rows == 0) {
      return false;
    }
    tell(tx, d, "deployment.created", Map.of("name", d.name(), "slug", d.slug()));
    return true;
  }

  static RuntimeException slugTaken(DataAccessException e, String slug) {
    return SqlFaults.isDuplicate(e, "deployments_slug")
        ? AtollException.of(ErrorCode.SLUG_TAKEN, slug)
        : e;
  }

  /** The living deployment with this id or slug. */
  Deployment require(Tx tx, String reference) {
    Record row =
        tx.sql()
            .fetchOne(
                """
                select * from deployments where deleted_at is null and (id = ? or slug = ?)
                order by id = ? desc limit 1\
                """,
                reference,
                reference,
                reference);
    if (row == null) {
      throw AtollException.of(ErrorCode.DEPLOYMENT_NOT_FOUND, reference);
    }
    return Rows.deployment(row);
  }

  /** The deployment with this id, also a deleted one. */
  @Nullable Deployment byId(Tx tx, String id) {
    Record row = tx.sql().fetchOne("select * from deployments where id = ?", id);
    return row == null ? null : Rows.deployment(row);
  }

  Page<Deployment> list(Tx tx, Condition owners, @Nullable String state, Paging paging) {
    String where = "deleted_at is null and " + tx.sql().renderInlined(owners);
    List<Object> values = new ArrayList<>();
    if (state != null && !state.isEmpty()) {
      where += " and state = ?";
      values.add(state);
    }
    return Pages.of(tx, "deployments", where, values, paging, Rows::deployment, Deployment::id);
  }

  /**
   * Changes a living deployment and locks its row; null when it is deleted.
   *
   * @param set the assignments, in SQL
   */
  @Nullable Deployment change(Tx tx, String id, String set, @Nullable Object... values) {
    @Nullable Object[] all = new @Nullable Object[values.length + 1];
    System.arraycopy(values, 0, all, 0, values.length);
    all[values.length] = id;
    String comma = set.isEmpty() ? "" : ", ";
    Record row =
        tx.sql()
            .fetchOne(
                "update deployments set version = version + 1, updated_at = now()"
                    + comma
                    + set
                    + " where id = ? and deleted_at is null returning *",
                all);
    return row == null ? null : Rows.deployment(row);
  }

  /** The same, for a deployment that must be there. */
  Deployment changed(Tx tx, String id, String set, @Nullable Object... values) {
    Deployment deployment = change(tx, id, set, values);
    if (deployment == null) {
      throw AtollException.of(ErrorCode.DEPLOYMENT_NOT_FOUND, id);
    }
    return deployment;
  }

  /** Tells a change, which the deployment's version counts. */
  void tell(Tx tx, Deployment d, String type, Map<String, ?> data) {
    Owner owner = d.owner();
    tx.event(
        owner.org(),
        new Event(
            type,
            "deployment",
            d.id(),
            d.version(),
            owner.workspace(),
            owner.project(),
            owner.externalWorkspace(),
            owner.externalUser(),
            owner.externalProject(),
            data));
  }

  List<Deployment> deleted(Tx tx) {
    return tx.sql()
        .fetch("select * from deployments where deleted_at is not null")
        .map(Rows::deployment);
  }

  List<Deployment> living(Tx tx) {
    return tx.sql()
        .fetch("select * from deployments where deleted_at is null")
        .map(Rows::deployment);
  }

  void forget(Tx tx, String id) {
    tx.sql().execute("delete from deployments where id = ? and deleted_at is not null", id);
  }
}
