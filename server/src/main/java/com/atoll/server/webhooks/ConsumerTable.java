package com.atoll.server.webhooks;

import com.atoll.model.OrganizationId;
import com.atoll.server.http.Json;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** The rows of event subscriptions. */
final class ConsumerTable {
  private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};
  private static final String COLUMNS =
      """
      id, org, consumer_kind, consumer_id, event_type, cast(filter as text) as filter, workspace_id, project_id,
      external_user_id, active, created_at, updated_at
      """;
  private static final String SELECT = "select " + COLUMNS + " from event_subscriptions ";

  private ConsumerTable() {}

  static Consumer insert(Tx tx, Consumer c) {
    return read(
        tx.sql()
            .fetchSingle(
                """
                insert into event_subscriptions (id, org, consumer_kind, consumer_id, webhook_id, event_type,
                  filter, workspace_id, project_id, external_user_id)
                values (?, ?, ?, ?, ?, ?, cast(? as jsonb), ?, ?, ?) returning\
                """
                    + " "
                    + COLUMNS,
                c.id(),
                c.org().value(),
                c.kind(),
                c.consumerId(),
                c.kind().equals(Consumer.WEBHOOK) ? c.consumerId() : null,
                c.eventType(),
                Json.MAPPER.writeValueAsString(c.filter()),
                c.workspaceId(),
                c.projectId(),
                c.externalUserId()));
  }

  static Optional<Consumer> find(Tx tx, String id) {
    return Optional.ofNullable(tx.sql().fetchOne(SELECT + "where id = ?", id))
        .map(ConsumerTable::read);
  }

  static Optional<Consumer> change(
      Tx tx, String id, @Nullable Boolean active, @Nullable Map<String, Object> filter) {
    return Optional.ofNullable(
            tx.sql()
                .fetchOne(
                    """
                    update event_subscriptions set active = coalesce(cast(? as boolean), active),
                      filter = coalesce(cast(? as jsonb), filter), updated_at = now()
                    where id = ? returning\
                    """
                        + " "
                        + COLUMNS,
                    active,
                    filter == null ? null : Json.MAPPER.writeValueAsString(filter),
                    id))
        .map(ConsumerTable::read);
  }

  static boolean delete(Tx tx, String id) {
    return tx.sql().execute("delete from event_subscriptions where id = ?", id) > 0;
  }

  /** Oldest first, at most so many. */
  static List<Consumer> list(
      Tx tx, @Nullable String kind, @Nullable String consumer, int most, int offset) {
    return tx.sql()
        .fetch(
            SELECT
                + "where (cast(? as text) is null or consumer_kind = ?)"
                + " and (cast(? as text) is null or consumer_id = ?) order by id limit ? offset ?",
            kind,
            kind,
            consumer,
            consumer,
            most,
            offset)
        .map(ConsumerTable::read);
  }

  static int count(Tx tx, @Nullable String kind, @Nullable String consumer) {
    return tx.sql()
        .fetchSingle(
            "select count(*) from event_subscriptions where (cast(? as text) is null or consumer_kind = ?)"
                + " and (cast(? as text) is null or consumer_id = ?)",
            kind,
            kind,
            consumer,
            consumer)
        .get(0, Integer.class);
  }

  /** The active ones of these organizations that lead to webhooks. */
  static List<Consumer> toWebhooks(Tx tx, Collection<String> orgs) {
    return tx.sql()
        .fetch(
            SELECT + "where active and webhook_id is not null and org = any (cast(? as text[]))",
            (Object) orgs.toArray(String[]::new))
        .map(ConsumerTable::read);
  }

  private static Consumer read(Record row) {
    return new Consumer(
        row.get("id", String.class),
        new OrganizationId(row.get("org", String.class)),
        row.get("consumer_kind", String.class),
        row.get("consumer_id", String.class),
        row.get("event_type", String.class),
        Json.MAPPER.readValue(row.get("filter", String.class), MAP),
        row.get("workspace_id", String.class),
        row.get("project_id", String.class),
        row.get("external_user_id", String.class),
        row.get("active", Boolean.class),
        row.get("created_at", OffsetDateTime.class).toInstant(),
        row.get("updated_at", OffsetDateTime.class).toInstant());
  }
}
