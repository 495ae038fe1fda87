package com.atoll.server.webhooks;

import com.atoll.model.OrganizationId;
import com.atoll.server.events.EventFilter;
import com.atoll.server.http.Json;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** The rows of webhooks. */
final class WebhookTable {
  private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};
  private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};
  private static final String COLUMNS =
      """
      id, org, name, url, api_version, events, cast(filter as text) as filter, active, ordered, headers,
      secret, secret_preview, old_secret, old_secret_until, retry_count, cast(metadata as text) as metadata,
      failures, disabled_reason, disabled_at, version, created_at, updated_at
      """;
  private static final String SELECT = "select " + COLUMNS + " from webhooks ";

  private WebhookTable() {}

  static Optional<Webhook> find(Tx tx, String id) {
    return Optional.ofNullable(tx.sql().fetchOne(SELECT + "where id = ?", id))
        .map(WebhookTable::read);
  }

  /** Reads the row and keeps others from changing it meanwhile. */
  static Optional<Webhook> lock(Tx tx, String id) {
    return Optional.ofNullable(tx.sql().fetchOne(SELECT + "where id = ? for update", id))
        .map(WebhookTable::read);
  }

  static Page<Webhook> page(Tx tx, Condition where, Paging paging) {
    Condition from =
        paging.after() == null ? DSL.noCondition() : DSL.condition("id < ?", paging.after());
    List<Webhook> oneMore =
        tx.sql()
            .fetch(
                SELECT + "where {0} and {1} order by id desc limit {2} offset {3}",
                where,
                from,
                DSL.val(paging.limit() + 1),
                DSL.val(paging.offset()))
            .map(WebhookTable::read);
    long total =
        tx.sql().fetchSingle("select count(*) from webhooks where {0}", where).get(0, Long.class);
    return Page.of(oneMore, paging, total, Webhook::id);
  }

  static int count(Tx tx) {
    return tx.sql()
        .fetchSingle("select count(*) from webhooks where org = ?", tx.org().value())
        .get(0, Integer.class);
  }

  /** The active ones of these organizations. */
  static List<Webhook> active(Tx tx, Collection<String> orgs) {
    return tx.sql()
        .fetch(
            SELECT + "where active and org = any (cast(? as text[])) order by id",
            (Object) orgs.toArray(String[]::new))
        .map(WebhookTable::read);
  }

  static Webhook insert(Tx tx, Webhook w) {
    return read(
        tx.sql()
            .fetchSingle(
                """
                insert into webhooks (id, org, name, url, api_version, events, filter, external_user_id,
                  active, ordered, headers, secret, secret_preview, retry_count, metadata)
                values (?, ?, ?, ?, ?, cast(? as text[]), cast(? as jsonb), ?, ?, ?, ?, ?, ?, ?,
                  cast(? as jsonb)) returning\
                """
                    + " "
                    + COLUMNS,
                w.id(),
                w.org().value(),
                w.name(),
                w.url(),
                w.apiVersion(),
                w.types().toArray(String[]::new),
                Json.MAPPER.writeValueAsString(w.filter().attributes()),
                w.filter().attributes().get("external_user_id"),
                w.active(),
                w.ordered(),
                w.headers(),
                w.secret(),
                w.secretPreview(),
                w.retryCount(),
                Json.MAPPER.writeValueAsString(w.metadata())));
  }

  /** Writes every field that may change; the version rises. */
  static Webhook update(Tx tx, Webhook w) {
    return read(
        tx.sql()
            .fetchSingle(
                """
                update webhooks set name = ?, url = ?, api_version = ?, events = cast(? as text[]),
                  filter = cast(? as jsonb), external_user_id = ?, active = ?, ordered = ?, headers = ?, secret = ?,
                  secret_preview = ?, old_secret = ?, old_secret_until = cast(? as timestamptz),
                  retry_count = ?, metadata = cast(? as jsonb), failures = ?, disabled_reason = ?,
                  disabled_at = cast(? as timestamptz), version = version + 1, updated_at = now()
                where id = ? returning\
                """
                    + " "
                    + COLUMNS,
                w.name(),
                w.url(),
                w.apiVersion(),
                w.types().toArray(String[]::new),
                Json.MAPPER.writeValueAsString(w.filter().attributes()),
                w.filter().attributes().get("external_user_id"),
                w.active(),
                w.ordered(),
                w.headers(),
                w.secret(),
                w.secretPreview(),
                w.oldSecret(),
                at(w.oldSecretUntil()),
                w.retryCount(),
                Json.MAPPER.writeValueAsString(w.metadata()),
                w.failures(),
                w.disabledReason(),
                at(w.disabledAt()),
                w.id()));
  }

  static void delete(Tx tx, String id) {
    tx.sql().execute("delete from webhooks where id = ?", id);
  }

  static @Nullable OffsetDateTime at(@Nullable Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  static @Nullable Instant instant(Record row, String column) {
    OffsetDateTime at = row.get(column, OffsetDateTime.class);
    return at == null ? null : at.toInstant();
  }

  private static Webhook read(Record row) {
    return new Webhook(
        row.get("id", String.class),
        new OrganizationId(row.get("org", String.class)),
        row.get("name", String.class),
        row.get("url", String.class),
        row.get("api_version", String.class),
        new EventFilter(
            List.of(row.get("events", String[].class)),
            Json.MAPPER.readValue(row.get("filter", String.class), TEXTS)),
        row.get("active", Boolean.class),
        row.get("ordered", Boolean.class),
        row.get("headers", byte[].class),
        row.get("secret", byte[].class),
        row.get("secret_preview", String.class),
        row.get("old_secret", byte[].class),
        instant(row, "old_secret_until"),
        row.get("retry_count", Integer.class),
        Json.MAPPER.readValue(row.get("metadata", String.class), MAP),
        row.get("failures", Integer.class),
        row.get("disabled_reason", String.class),
        instant(row, "disabled_at"),
        row.get("version", Long.class),
        row.get("created_at", OffsetDateTime.class).toInstant(),
        row.get("updated_at", OffsetDateTime.class).toInstant());
  }
}
