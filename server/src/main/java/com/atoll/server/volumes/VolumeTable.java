package com.atoll.server.volumes;

import com.atoll.model.OrganizationId;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.identity.Owner;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jooq.Condition;
import org.jooq.JSONB;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The rows of volumes. */
final class VolumeTable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};
  private static final String SELECT =
      "select r.*, "
          + Owner.COLUMNS
          + ", (select count(*) from volume_attachments a where a.volume_id = r.id) as attachments"
          + ", (select a.sandbox_id from volume_attachments a where a.volume_id = r.id and a.alone) as writer"
          + " from volumes r"
          + Owner.JOIN;

  private VolumeTable() {}

  static Optional<Volume> find(Tx tx, String id) {
    return one(tx, SELECT + "where r.id = ?", id);
  }

  /** Those of these ids that are there, by id. */
  static Map<String, Volume> find(Tx tx, Collection<String> ids) {
    return tx
        .ask(SELECT + "where r.id = any(?)", (Object) ids.toArray(String[]::new))
        .get()
        .stream()
        .map(VolumeTable::read)
        .collect(Collectors.toMap(Volume::id, Function.identity()));
  }

  /** Reads the row and keeps others from changing it, or from attaching it, meanwhile. */
  static Optional<Volume> lock(Tx tx, String id) {
    return Optional.ofNullable(lock(tx, List.of(id)).get(id));
  }

  /** The same for several, in one order, so that two transactions never wait for each other. */
  static Map<String, Volume> lock(Tx tx, Collection<String> ids) {
    // A question of its own: what is read then was written before the lock was had.
    tx.later(
        "select 1 from volumes where id = any(?) order by id for update",
        (Object) ids.toArray(String[]::new));
    return find(tx, ids);
  }

  /** A page of those that match, newest first; none on their way out. */
  static Page<Volume> page(Tx tx, Condition where, Paging paging) {
    Condition seen = where.and("r.status <> 'deleting'");
    Condition from =
        paging.after() == null ? DSL.noCondition() : DSL.condition("r.id < ?", paging.after());
    List<Volume> oneMore =
        tx.sql()
            .fetch(
                SELECT + "where {0} and {1} order by r.id desc limit {2} offset {3}",
                seen,
                from,
                DSL.val(paging.limit() + 1),
                DSL.val(paging.offset()))
            .map(VolumeTable::read);
    long total =
        tx.sql().fetchSingle("select count(*) from volumes r where {0}", seen).get(0, Long.class);
    return Page.of(oneMore, paging, total, Volume::id);
  }

  /** Whether one matches; none on its way out does. */
  static boolean isNamed(Tx tx, Condition where) {
    return tx.sql()
        .fetchSingle(
            "select exists (select from volumes r where {0})", where.and("r.status <> 'deleting'"))
        .get(0, Boolean.class);
  }

  /** All of them, for a transaction of the system. */
  static List<Volume> all(Tx tx) {
    return tx.sql().fetch(SELECT + "order by r.id").map(VolumeTable::read);
  }

  static void insert(Tx tx, Volume volume) {
    Owner owner = volume.owner();
    tx.sql()
        .execute(
            """
            insert into volumes (id, org, name, size_gb, shared, status, region, workspace_id,
              project_id, external_workspace_id, external_user_id, external_project_id,
              source_volume_id, metadata, version, created_at, updated_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, cast(? as jsonb), ?,
              cast(? as timestamptz), cast(? as timestamptz))\
            """,
            volume.id(),
            volume.org().value(),
            volume.name(),
            volume.sizeGb(),
            volume.shared(),
            volume.status().wire(),
            volume.region(),
            owner.workspaceId(),
            owner.projectId(),
            owner.externalWorkspaceId(),
            owner.externalUserId(),
            owner.externalProjectId(),
            volume.source(),
            json(volume.metadata()),
            volume.version(),
            volume.createdAt(),
            volume.updatedAt());
  }

  /** Brings it from one status to another; the answer says whether it was in the first. */
  static boolean move(Tx tx, String id, Volume.Status from, Volume.Status to) {
    return tx.sql()
            .execute(
                """
                update volumes set status = ?, version = version + 1, updated_at = now()
                where id = ? and status = ?\
                """,
                to.wire(),
                id,
                from.wire())
        == 1;
  }

  /** Changes what is not null. */
  static void change(
      Tx tx,
      String id,
      @Nullable String name,
      @Nullable Integer sizeGb,
      @Nullable Map<String, Object> metadata) {
    tx.sql()
        .execute(
            """
            update volumes set name = coalesce(cast(? as text), name),
              size_gb = greatest(size_gb, coalesce(cast(? as int), size_gb)),
              metadata = coalesce(cast(? as jsonb), metadata),
              version = version + 1, updated_at = now()
            where id = ?\
            """,
            name,
            sizeGb,
            metadata == null ? null : json(metadata),
            id);
  }

  /** Counts the version of a locked volume on whose attachments change. */
  static void touch(Tx tx, Volume locked) {
    tx.later(
        "update volumes set version = version + 1, updated_at = now() where id = ?", locked.id());
  }

  /** The next version of a volume whose attachments changed; the row is locked by it. */
  static Volume touch(Tx tx, String id) {
    tx.sql()
        .execute("update volumes set version = version + 1, updated_at = now() where id = ?", id);
    return find(tx, id).orElseThrow();
  }

  /** A retry of the create that made it makes another one. */
  static void forgetAnswer(Tx tx, String id) {
    tx.sql().execute("delete from idempotency where resource = ?", id);
  }

  /** The answer says whether it was there. */
  static boolean delete(Tx tx, String id) {
    forgetAnswer(tx, id);
    return tx.sql().execute("delete from volumes where id = ?", id) == 1;
  }

  private static JSONB json(Map<String, Object> metadata) {
    return JSONB.valueOf(JSON.writeValueAsString(metadata));
  }

  private static Optional<Volume> one(Tx tx, String sql, Object... arguments) {
    Record row = tx.sql().fetchOne(sql, arguments);
    return row == null ? Optional.empty() : Optional.of(read(row));
  }

  private static Volume read(Record row) {
    return new Volume(
        row.get("id", String.class),
        new OrganizationId(row.get("org", String.class)),
        row.get("name", String.class),
        row.get("size_gb", Integer.class),
        row.get("shared", Boolean.class),
        Volume.Status.of(row.get("status", String.class)),
        row.get("region", String.class),
        Owner.of(row),
        row.get("source_volume_id", String.class),
        JSON.readValue(row.get("metadata", JSONB.class).data(), MAP),
        row.get("version", Long.class),
        row.get("attachments", Integer.class),
        row.get("writer", String.class),
        row.get("created_at", OffsetDateTime.class),
        row.get("updated_at", OffsetDateTime.class));
  }
}
