package com.atoll.server.previews;

import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.JSONB;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** A named link to a port, as it is stored. */
record Preview(
    String id,
    String sandboxId,
    String tenantId,
    @Nullable String name,
    int port,
    boolean restricted,
    @Nullable String ownerId,
    @Nullable OffsetDateTime expiresAt,
    Map<String, Object> metadata,
    @Nullable String externalWorkspaceId,
    @Nullable String externalUserId,
    @Nullable String externalProjectId,
    @Nullable String sharePrefix,
    @Nullable OffsetDateTime shareExpiresAt,
    long version,
    OffsetDateTime createdAt,
    OffsetDateTime updatedAt) {

  /** Whether its time is over: nothing opens it any more. */
  boolean hasEnded() {
    return expiresAt != null && expiresAt.toInstant().isBefore(Instant.now());
  }

  /** The rows of previews. */
  static final class Table {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};
    private static final String SELECT =
        """
        select p.*, t.prefix as share_prefix, t.expires_at as share_expires_at
        from previews p left join lateral (
          select prefix, expires_at from preview_tokens
          where preview_id = p.id and kind = 'share' and revoked_at is null
            and expires_at > now()
          order by created_at desc limit 1) t on true
        where p.deleted_at is null and\
        """;

    private Table() {}

    static Page<Preview> of(Tx tx, String sandboxId, Paging paging) {
      List<Preview> oneMore =
          tx.sql()
              .fetch(
                  SELECT
                      + " p.sandbox_id = ? and (cast(? as text) is null or p.id < ?)"
                      + " order by p.id desc limit ? offset ?",
                  sandboxId,
                  paging.after(),
                  paging.after(),
                  paging.limit() + 1,
                  paging.offset())
              .map(Table::read);
      return Page.of(oneMore, paging, count(tx, sandboxId), Preview::id);
    }

    static long count(Tx tx, String sandboxId) {
      return tx.sql()
          .fetchSingle(
              "select count(*) from previews where sandbox_id = ? and deleted_at is null",
              sandboxId)
          .get(0, Long.class);
    }

    /**
     * How many there are of a sandbox, deleted ones too.
     *
     * @param ended those of which nothing more comes, by their time or by whoever deleted them
     */
    record Numbers(long living, long ended) {}

    static Numbers numbers(Tx tx, String sandboxId) {
      Record row =
          tx.sql()
              .fetchSingle(
                  """
                  select count(*) filter (where ended <= now()) as ended, count(*) as total
                  from (select least(deleted_at, expires_at) as ended from previews
                    where sandbox_id = ?) p\
                  """,
                  sandboxId);
      long ended = row.get("ended", Long.class);
      return new Numbers(row.get("total", Long.class) - ended, ended);
    }

    /**
     * Forgets those that have ended, but for the newest ones and what {@link PortHistory} goes by:
     * of each port the last that ended, and the last private one.
     */
    static void forgetEnded(Tx tx, String sandboxId, int kept) {
      tx.sql()
          .execute(
              """
              delete from previews where id in (
                select id from (
                  select id, visibility,
                    row_number() over (order by ended desc, id desc) as place,
                    row_number() over (partition by port order by ended desc, id desc) as of_port,
                    row_number() over (
                      partition by port, visibility order by ended desc, id desc) as of_kind
                  from (select id, port, visibility, least(deleted_at, expires_at) as ended
                    from previews where sandbox_id = ?) p
                  where ended <= now()) ranked
                where place > ? and of_port > 1 and (visibility <> 'private' or of_kind > 1))\
              """,
              sandboxId,
              kept);
    }

    static Optional<Preview> find(Tx tx, String sandboxId, String id) {
      Record row = tx.sql().fetchOne(SELECT + " p.sandbox_id = ? and p.id = ?", sandboxId, id);
      return row == null ? Optional.empty() : Optional.of(read(row));
    }

    static void insert(Tx tx, Preview preview) {
      tx.sql()
          .execute(
              """
              insert into previews (id, org, sandbox_id, name, port, visibility, owner_id,
                expires_at, metadata, external_workspace_id, external_user_id,
                external_project_id)
              values (?, ?, ?, ?, ?, ?, ?, cast(? as timestamptz), cast(? as jsonb), ?, ?, ?)\
              """,
              preview.id(),
              preview.tenantId(),
              preview.sandboxId(),
              preview.name(),
              preview.port(),
              preview.restricted() ? "private" : "public",
              preview.ownerId(),
              preview.expiresAt(),
              JSONB.valueOf(JSON.writeValueAsString(preview.metadata())),
              preview.externalWorkspaceId(),
              preview.externalUserId(),
              preview.externalProjectId());
    }

    static boolean delete(Tx tx, String sandboxId, String id) {
      return tx.sql()
              .execute(
                  """
                  update previews set deleted_at = now(), updated_at = now(),
                    version = version + 1
                  where sandbox_id = ? and id = ? and deleted_at is null\
                  """,
                  sandboxId,
                  id)
          == 1;
    }

    private static Preview read(Record row) {
      return new Preview(
          row.get("id", String.class),
          row.get("sandbox_id", String.class),
          row.get("org", String.class),
          row.get("name", String.class),
          row.get("port", Integer.class),
          row.get("visibility", String.class).equals("private"),
          row.get("owner_id", String.class),
          row.get("expires_at", OffsetDateTime.class),
          JSON.readValue(row.get("metadata", JSONB.class).data(), MAP),
          row.get("external_workspace_id", String.class),
          row.get("external_user_id", String.class),
          row.get("external_project_id", String.class),
          row.get("share_prefix", String.class),
          row.get("share_expires_at", OffsetDateTime.class),
          row.get("version", Long.class),
          row.get("created_at", OffsetDateTime.class),
          row.get("updated_at", OffsetDateTime.class));
    }
  }
}
