package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Tx;
import java.util.List;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Rows of instances. */
final class InstanceStore {

  void insert(Tx tx, String id, Deployment deployment, Version version, int port) {
    tx.sql()
        .execute(
            """
            insert into deployment_instances (id, org, deployment_id, version_id, external_user_id,
              desired, state, port)
            values (?, ?, ?, ?, ?, 'running', 'starting', ?)\
            """,
            id,
            deployment.owner().org().value(),
            deployment.id(),
            version.id(),
            deployment.owner().externalUser(),
            port);
  }

  @Nullable Instance byId(Tx tx, String id) {
    Record row = tx.sql().fetchOne("select * from deployment_instances where id = ?", id);
    return row == null ? null : Rows.instance(row);
  }

  Instance require(Tx tx, String deployment, String id) {
    Instance instance = byId(tx, id);
    if (instance == null || !instance.deploymentId().equals(deployment)) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "runtime instance " + id);
    }
    return instance;
  }

  Page<Instance> list(Tx tx, String deployment, Paging paging) {
    return Pages.of(
        tx,
        "deployment_instances",
        "deployment_id = ?",
        List.of(deployment),
        paging,
        Rows::instance,
        Instance::id);
  }

  /** Instances of a version that are not to be stopped yet, newest first. */
  List<Instance> alive(Tx tx, String version) {
    return tx.sql()
        .fetch(
            """
            select * from deployment_instances where version_id = ? and desired <> 'stopped'
            order by id desc\
            """,
            version)
        .map(Rows::instance);
  }

  /** The newest instance of a version, stopped or not. */
  @Nullable Instance newest(Tx tx, String version) {
    Record row =
        tx.sql()
            .fetchOne(
                "select * from deployment_instances where version_id = ? order by id desc limit 1",
                version);
    return row == null ? null : Rows.instance(row);
  }

  /** Every instance that is not stopped. */
  List<Instance> alive(Tx tx) {
    return tx.sql()
        .fetch("select * from deployment_instances where desired <> 'stopped' order by id")
        .map(Rows::instance);
  }

  List<Instance> ofDeployment(Tx tx, String deployment) {
    return tx.sql()
        .fetch("select * from deployment_instances where deployment_id = ?", deployment)
        .map(Rows::instance);
  }

  /**
   * Changes an instance; null when it is gone.
   *
   * @param set the assignments, in SQL
   */
  @Nullable Instance change(Tx tx, String id, String set, @Nullable Object... values) {
    @Nullable Object[] all = new @Nullable Object[values.length + 1];
    System.arraycopy(values, 0, all, 0, values.length);
    all[values.length] = id;
    Record row =
        tx.sql()
            .fetchOne(
                "update deployment_instances set updated_at = now(), "
                    + set
                    + " where id = ? returning *",
                all);
    return row == null ? null : Rows.instance(row);
  }

  /** The instances of the serving version run, those of all others drain. */
  void serveFrom(Tx tx, String deployment, @Nullable String version) {
    tx.sql()
        .execute(
            """
            update deployment_instances set updated_at = now(), stop_after = null,
              desired = case when version_id is not distinct from ? then 'running' else 'draining' end
            where deployment_id = ? and desired <> 'stopped'
              and (version_id is not distinct from ?) <> (desired = 'running')\
            """,
            version,
            deployment,
            version);
  }
}
