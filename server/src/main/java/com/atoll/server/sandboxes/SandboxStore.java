package com.atoll.server.sandboxes;

import com.atoll.model.Ids;
import com.atoll.model.OrganizationId;
import com.atoll.model.SandboxId;
import com.atoll.model.SandboxSize;
import com.atoll.model.SandboxState;
import com.atoll.model.Shape;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jooq.Condition;
import org.jooq.JSONB;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The rows of sandboxes. */
final class SandboxStore {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};

  static final String SELECT =
      """
      select s.*, w.slug as workspace_slug, w.name as workspace_name,
        p.slug as project_slug, p.name as project_name
      from sandboxes s
        left join workspaces w on w.id = s.workspace_id
        left join lateral project_labels(s.project_id) p on true
      """;

  Optional<Sandbox> byId(Tx tx, String id) {
    return one(tx, SELECT + "where s.id = ?", id);
  }

  /** The sandbox with this id, or the one that has this slug now. */
  Optional<Sandbox> find(Tx tx, String reference) {
    return Ids.is(SandboxId.PREFIX, reference)
        ? byId(tx, reference)
        : one(tx, SELECT + "where s.slug = ? and s.state <> 'destroyed'", reference);
  }

  /** The newest one of this name that is not destroyed. */
  Optional<Sandbox> byName(Tx tx, String name) {
    return one(
        tx,
        SELECT + "where s.name = ? and s.state <> 'destroyed' order by s.id desc limit 1",
        name);
  }

  /** Reads the row and keeps others from changing it until the transaction ends. */
  Optional<Sandbox> lock(Tx tx, String id) {
    // A statement of its own: of one that was moved meanwhile, its new workspace is read.
    tx.later("select 1 from sandboxes where id = ? for update", id);
    return byId(tx, id);
  }

  /** A page of those that match, newest first unless the oldest is to be. */
  Page<Sandbox> page(Tx tx, Condition where, Paging paging, boolean oldestFirst) {
    Condition from =
        paging.after() == null
            ? DSL.noCondition()
            : DSL.condition(oldestFirst ? "s.id > ?" : "s.id < ?", paging.after());
    List<Sandbox> oneMore =
        tx.sql()
            .fetch(
                SELECT
                    + "where {0} and {1} order by s.id "
                    + (oldestFirst ? "asc" : "desc")
                    + " limit {2} offset {3}",
                where,
                from,
                DSL.val(paging.limit() + 1),
                DSL.val(paging.offset()))
            .map(SandboxStore::read);
    long total =
        tx.sql()
            .fetchSingle("select count(*) from sandboxes s where {0}", where)
            .get(0, Long.class);
    return Page.of(oneMore, paging, total, Sandbox::id);
  }

  /** Writes down when sandboxes were last used, for a transaction of the system. */
  void touched(Tx tx, Map<String, Instant> latest) {
    String[] ids = latest.keySet().toArray(String[]::new);
    OffsetDateTime[] times =
        Arrays.stream(ids)
            .map(id -> latest.getOrDefault(id, Instant.EPOCH).atOffset(ZoneOffset.UTC))
            .toArray(OffsetDateTime[]::new);
    tx.sql()
        .execute(
            """
            update sandboxes s set last_activity_at = greatest(s.last_activity_at, t.at)
            from unnest(cast(? as text[]), cast(? as timestamptz[])) as t (id, at) where s.id = t.id\
            """,
            ids,
            times);
  }

  /** All that are not destroyed, for a transaction of the system. */
  List<Sandbox> live(Tx tx) {
    return tx.sql().fetch(SELECT + "where s.state <> 'destroyed'").map(SandboxStore::read);
  }

  /** The states of these, of all that exist, for a transaction of the system. */
  List<Sandbox> existing(Tx tx, List<String> ids) {
    return tx.sql()
        .fetch(SELECT + "where s.id = any(cast(? as text[]))", (Object) ids.toArray(String[]::new))
        .map(SandboxStore::read);
  }

  void insert(Tx tx, Sandbox sandbox, byte @Nullable [] env) {
    Sandbox.Owner owner = sandbox.owner();
    tx.later(
        """
        insert into sandboxes (id, org, slug, name, state, version, template_id, size, isolation,
          cpu_count, memory_mb, disk_size_mb, workspace_id, project_id, owner_id,
          external_workspace_id, external_user_id, external_project_id, persistent, always_on,
          timeout_sec, idle_timeout_sec, expires_at, metadata, tags, env, source_sandbox_id,
          running_since, created_at, started_at, ready_at, last_activity_at, member_id)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
          cast(? as timestamptz), cast(? as jsonb), cast(? as text[]), cast(? as bytea), ?,
          cast(? as timestamptz), cast(? as timestamptz), cast(? as timestamptz),
          cast(? as timestamptz), cast(? as timestamptz),
          (select user_id from api_keys where id = ?))\
        """,
        sandbox.id(),
        sandbox.org().value(),
        sandbox.slug(),
        sandbox.name(),
        sandbox.state().wire(),
        sandbox.version(),
        sandbox.templateId(),
        sandbox.shape().size().map(SandboxSize::wire).orElse(null),
        sandbox.isolation(),
        sandbox.shape().cpus(),
        sandbox.shape().memoryMb(),
        sandbox.shape().diskMb(),
        owner.workspaceId(),
        owner.projectId(),
        owner.keyId(),
        owner.externalWorkspaceId(),
        owner.externalUserId(),
        owner.externalProjectId(),
        sandbox.persistent(),
        sandbox.alwaysOn(),
        sandbox.timeoutSec(),
        sandbox.idleTimeoutSec(),
        sandbox.expiresAt(),
        JSON.writeValueAsString(sandbox.metadata()),
        sandbox.tags().toArray(String[]::new),
        env,
        sandbox.sourceSandboxId(),
        sandbox.runningSince(),
        sandbox.createdAt(),
        sandbox.startedAt(),
        sandbox.readyAt(),
        sandbox.lastActivityAt(),
        owner.keyId());
  }

  /**
   * Brings a sandbox into another state, when that may follow its present one.
   *
   * @return the sandbox as it is then; nothing when the change is not legal or it is in that state
   */
  Optional<Sandbox> move(Tx tx, String id, SandboxState to, @Nullable String reason) {
    String[] from =
        Arrays.stream(SandboxState.values())
            .filter(state -> state.next().contains(to))
            .map(SandboxState::wire)
            .toArray(String[]::new);
    boolean running = to == SandboxState.RUNNING;
    int changed =
        tx.sql()
            .execute(
                """
                update sandboxes set state = ?, version = version + 1, error_reason = ?,
                  runtime_ms = runtime_ms
                    + greatest(0, coalesce(extract(epoch from
                      sandbox_ran_until(running_since) - running_since) * 1000, 0))::bigint,
                  running_since = case when ? then now() end,
                  expires_at = case when ? and not always_on and timeout_sec > 0
                    then now() + make_interval(secs => timeout_sec) end,
                  started_at = case when ? then now() else started_at end,
                  last_activity_at = case when ? then now() else last_activity_at end,
                  address = case when ? then address end,
                  destroyed_at = case when ? then now() else destroyed_at end,
                  env = case when ? then null else env end,
                  starts = case when ? then null else starts end
                where id = ? and state = any(cast(? as text[]))\
                """,
                to.wire(),
                reason,
                running,
                running,
                running,
                running,
                running,
                to == SandboxState.DESTROYED,
                to == SandboxState.DESTROYED,
                to == SandboxState.DESTROYED,
                id,
                from);
    return changed == 0 ? Optional.empty() : byId(tx, id);
  }

  /** Changes what is not null of what an owner may change. */
  void change(Tx tx, String id, Changes changes) {
    List<String> tags = changes.tags();
    Map<String, Object> metadata = changes.metadata();
    Shape shape = changes.shape();
    tx.sql()
        .execute(
            """
            update sandboxes set version = version + 1,
              name = coalesce(cast(? as text), name),
              slug = coalesce(cast(? as text), slug),
              tags = coalesce(cast(? as text[]), tags),
              metadata = coalesce(cast(? as jsonb), metadata),
              always_on = coalesce(cast(? as boolean), always_on),
              persistent = coalesce(cast(? as boolean), persistent),
              timeout_sec = coalesce(cast(? as int), timeout_sec),
              idle_timeout_sec = coalesce(cast(? as int), idle_timeout_sec),
              cpu_count = coalesce(cast(? as int), cpu_count),
              memory_mb = coalesce(cast(? as int), memory_mb),
              disk_size_mb = coalesce(cast(? as int), disk_size_mb),
              size = case when cast(? as boolean) then cast(? as text) else size end
            where id = ?\
            """,
            changes.name(),
            changes.slug(),
            tags == null ? null : tags.toArray(String[]::new),
            metadata == null ? null : JSONB.valueOf(JSON.writeValueAsString(metadata)),
            changes.alwaysOn(),
            changes.persistent(),
            changes.timeoutSec(),
            changes.idleTimeoutSec(),
            shape == null ? null : shape.cpus(),
            shape == null ? null : shape.memoryMb(),
            shape == null ? null : shape.diskMb(),
            shape != null,
            shape == null ? null : shape.size().map(SandboxSize::wire).orElse(null),
            id);
    Integer lifetime = changes.lifetimeSec();
    if (lifetime != null) {
      tx.sql()
          .execute(
              """
              update sandboxes set expires_at = case when state = 'running' and not always_on
                and ? > 0 then now() + make_interval(secs => ?) end where id = ?\
              """,
              lifetime,
              lifetime,
              id);
    }
  }

  /**
   * Keeps where the node runs them and how they were started. For a transaction of the system.
   *
   * @return those that run and were not known to have been started before, with the versions of
   *     their rows
   */
  Map<String, Long> observed(Tx tx, List<Observation> all) {
    return tx
        .sql()
        .fetch(
            """
            update sandboxes s set incarnation = o.incarnation,
              address = case when s.state = 'running' then o.address else s.address end,
              boot_path = coalesce(o.boot_path, s.boot_path),
              boot_ms = case when o.boot_path is null then s.boot_ms else o.boot_ms end,
              expires_at = case when s.version = o.version then o.expires_at else s.expires_at end
            from unnest(cast(? as text[]), cast(? as text[]), cast(? as bigint[]), cast(? as text[]),
              cast(? as int[]), cast(? as bigint[]), cast(? as timestamptz[]))
              as o (id, address, incarnation, boot_path, boot_ms, version, expires_at)
            where s.id = o.id
            returning s.id, s.version,
              new.state = 'running' and old.boot_path is null and new.boot_path is not null as fresh\
            """,
            all.stream().map(one -> one.sandbox().id()).toArray(String[]::new),
            all.stream().map(one -> one.sandbox().address()).toArray(String[]::new),
            all.stream().map(one -> one.sandbox().incarnation()).toArray(Long[]::new),
            all.stream().map(Observation::bootPath).toArray(String[]::new),
            all.stream().map(Observation::bootMs).toArray(Integer[]::new),
            all.stream().map(one -> one.sandbox().version()).toArray(Long[]::new),
            all.stream().map(one -> one.sandbox().expiresAt()).toArray(OffsetDateTime[]::new))
        .stream()
        .filter(row -> row.get("fresh", Boolean.class))
        .collect(
            Collectors.toMap(
                row -> row.get("id", String.class), row -> row.get("version", Long.class)));
  }

  /**
   * Whether the insert of this row took place, for certain: a transaction of unknown outcome that
   * still runs is waited for.
   */
  boolean exists(Tx tx, String id) {
    int inserted =
        tx.sql()
            .execute(
                """
                insert into sandboxes (id, org, slug, name, state, template_id, cpu_count,
                  memory_mb, disk_size_mb, workspace_id, project_id, owner_id, persistent,
                  always_on, timeout_sec, idle_timeout_sec)
                values (?, ?, '', '', 'destroyed', '', 0, 0, 0, '', '', '', false, false, 0, 0)
                on conflict (id) do nothing\
                """,
                id,
                tx.org().value());
    if (inserted == 1) {
      tx.sql().execute("delete from sandboxes where id = ?", id);
    }
    return inserted == 0;
  }

  byte @Nullable [] env(Tx tx, String id) {
    Record row = tx.sql().fetchOne("select env from sandboxes where id = ?", id);
    return row == null ? null : row.get(0, byte[].class);
  }

  void setEnv(Tx tx, String id, byte @Nullable [] env) {
    tx.sql()
        .execute(
            "update sandboxes set env = cast(? as bytea), version = version + 1 where id = ?",
            env,
            id);
  }

  private static Optional<Sandbox> one(Tx tx, String sql, Object... arguments) {
    Record row = tx.sql().fetchOne(sql, arguments);
    return row == null ? Optional.empty() : Optional.of(read(row));
  }

  static Sandbox read(Record row) {
    String size = row.get("size", String.class);
    Shape shape =
        new Shape(
            row.get("cpu_count", Integer.class),
            row.get("memory_mb", Integer.class),
            row.get("disk_size_mb", Integer.class),
            size == null ? Optional.empty() : Optional.of(SandboxSize.of(size)));
    return new Sandbox(
        row.get("id", String.class),
        new OrganizationId(row.get("org", String.class)),
        row.get("slug", String.class),
        row.get("name", String.class),
        SandboxState.of(row.get("state", String.class)),
        row.get("version", Long.class),
        row.get("template_id", String.class),
        shape,
        row.get("isolation", String.class),
        owner(row),
        row.get("persistent", Boolean.class),
        row.get("always_on", Boolean.class),
        row.get("timeout_sec", Integer.class),
        row.get("idle_timeout_sec", Integer.class),
        row.get("expires_at", OffsetDateTime.class),
        JSON.readValue(row.get("metadata", JSONB.class).data(), MAP),
        List.of(row.get("tags", String[].class)),
        row.get("source_sandbox_id", String.class),
        row.get("error_reason", String.class),
        row.get("boot_path", String.class),
        row.get("boot_ms", Integer.class),
        row.get("address", String.class),
        row.get("incarnation", Long.class),
        row.get("runtime_ms", Long.class),
        row.get("running_since", OffsetDateTime.class),
        row.get("created_at", OffsetDateTime.class),
        row.get("started_at", OffsetDateTime.class),
        row.get("ready_at", OffsetDateTime.class),
        row.get("destroyed_at", OffsetDateTime.class),
        row.get("last_activity_at", OffsetDateTime.class));
  }

  private static Sandbox.Owner owner(Record row) {
    return new Sandbox.Owner(
        row.get("owner_id", String.class),
        row.get("workspace_id", String.class),
        row.get("workspace_slug", String.class),
        row.get("workspace_name", String.class),
        row.get("project_id", String.class),
        row.get("project_slug", String.class),
        row.get("project_name", String.class),
        row.get("external_workspace_id", String.class),
        row.get("external_user_id", String.class),
        row.get("external_project_id", String.class));
  }
}
