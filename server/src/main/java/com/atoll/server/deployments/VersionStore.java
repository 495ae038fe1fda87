package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Json;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.List;
import org.jooq.JSONB;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Rows of versions. */
final class VersionStore {

  /** The number of the next version; the deployment's row must be locked. */
  int nextNumber(Tx tx, String deployment) {
    return tx.sql()
        .fetchOne(
            "select coalesce(max(number), 0) + 1 from deployment_versions where deployment_id = ?",
            deployment)
        .get(0, Integer.class);
  }

  void insert(Tx tx, Version v, @Nullable String externalUser, @Nullable String requestKey) {
    tx.sql()
        .execute(
            """
            insert into deployment_versions (id, org, deployment_id, number, state, step,
              source_sandbox_id, created_by, external_user_id, request_key, input, promote, kind,
              folder, entrypoint, command, port, health_path, release_id, template_id, sha256,
              size_bytes, files, cpu_millis, memory_mb, disk_mb)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)\
            """,
            v.id(),
            tx.org().value(),
            v.deploymentId(),
            v.number(),
            v.state().wire(),
            v.step().wire(),
            v.sourceSandbox(),
            v.createdBy(),
            externalUser,
            requestKey,
            JSONB.valueOf(Json.MAPPER.writeValueAsString(v.input())),
            v.promote(),
            v.kind().wire(),
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
            v.size().cpuMillis(),
            v.size().memoryMb(),
            v.size().diskMb());
  }

  /** The version with this id of this deployment. */
  Version require(Tx tx, String deployment, String id) {
    Version version = byId(tx, id);
    if (version == null || !version.deploymentId().equals(deployment)) {
      throw AtollException.of(ErrorCode.VERSION_NOT_FOUND, id);
    }
    return version;
  }

  @Nullable Version byId(Tx tx, String id) {
    return first(tx.sql().fetchOne("select * from deployment_versions where id = ?", id));
  }

  /** The version that a request with this key has made. */
  @Nullable Version byRequest(Tx tx, @Nullable String requestKey) {
    return requestKey == null
        ? null
        : first(
            tx.sql()
                .fetchOne("select * from deployment_versions where request_key = ?", requestKey));
  }

  /** The newest version that was published from this sandbox, of a living deployment. */
  @Nullable Version newestFrom(Tx tx, String sandbox) {
    return first(
        tx.sql()
            .fetchOne(
                """
                select v.* from deployment_versions v join deployments d on d.id = v.deployment_id
                where v.source_sandbox_id = ? and d.deleted_at is null
                order by v.id desc limit 1\
                """,
                sandbox));
  }

  /** The ready version before this one. */
  @Nullable Version readyBefore(Tx tx, String deployment, int number) {
    return first(
        tx.sql()
            .fetchOne(
                """
                select * from deployment_versions
                where deployment_id = ? and state = 'ready' and number < ?
                order by number desc limit 1\
                """,
                deployment,
                number));
  }

  @Nullable Version newestOrNull(Tx tx, String deployment) {
    return first(
        tx.sql()
            .fetchOne(
                """
                select * from deployment_versions where deployment_id = ?
                order by number desc limit 1\
                """,
                deployment));
  }

  Version newest(Tx tx, String deployment) {
    Version version = newestOrNull(tx, deployment);
    if (version == null) {
      throw AtollException.of(ErrorCode.RESOURCE_STATE, "nothing was published yet");
    }
    return version;
  }

  Page<Version> list(Tx tx, String deployment, @Nullable String state, Paging paging) {
    List<Object> values = new ArrayList<>(List.of(deployment));
    String where = "deployment_id = ?";
    if (state != null) {
      where += " and state = ?";
      values.add(state);
    }
    return Pages.of(tx, "deployment_versions", where, values, paging, Rows::version, Version::id);
  }

  /** The newest version of each release. */
  Page<Version> released(Tx tx, String deployment, Paging paging) {
    return Pages.of(
        tx,
        "deployment_versions",
        """
        deployment_id = ? and sha256 is not null and id in (
          select max(id) from deployment_versions where deployment_id = ? group by release_id)\
        """,
        List.of(deployment, deployment),
        paging,
        Rows::version,
        Version::id);
  }

  /** The newest version of a release. */
  @Nullable Version newestOf(Tx tx, String deployment, String release) {
    return first(
        tx.sql()
            .fetchOne(
                """
                select * from deployment_versions
                where deployment_id = ? and release_id = ? and sha256 is not null
                order by state = 'ready' desc, number desc limit 1\
                """,
                deployment,
                release));
  }

  /** Whether a version has this release. */
  boolean knowsRelease(Tx tx, String release) {
    return tx.sql()
        .fetchOne("select exists (select from deployment_versions where release_id = ?)", release)
        .get(0, Boolean.class);
  }

  /** Every version of a deployment. */
  List<Version> all(Tx tx, String deployment) {
    return tx.sql()
        .fetch("select * from deployment_versions where deployment_id = ?", deployment)
        .map(Rows::version);
  }

  /** Versions whose publish has not ended, oldest first. */
  List<Version> open(Tx tx) {
    return tx.sql()
        .fetch(
            "select * from deployment_versions where state in ('created', 'building') order by id")
        .map(Rows::version);
  }

  /** Whether a version other than this one serves the same files. */
  boolean releaseShared(Tx tx, Version version) {
    return tx.sql()
        .fetchOne(
            "select exists (select from deployment_versions where release_id = ? and id <> ?)",
            version.releaseId(),
            version.id())
        .get(0, Boolean.class);
  }

  /**
   * Changes a version; null when it is gone.
   *
   * @param set the assignments, in SQL
   */
  @Nullable Version change(Tx tx, String id, String set, @Nullable Object... values) {
    @Nullable Object[] all = new @Nullable Object[values.length + 1];
    System.arraycopy(values, 0, all, 0, values.length);
    all[values.length] = id;
    return first(
        tx.sql()
            .fetchOne(
                "update deployment_versions set updated_at = now(), "
                    + set
                    + " where id = ? returning *",
                all));
  }

  private static @Nullable Version first(@Nullable Record row) {
    return row == null ? null : Rows.version(row);
  }
}
