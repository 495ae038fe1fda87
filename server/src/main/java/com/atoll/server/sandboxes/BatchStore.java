package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Event;
import com.atoll.server.store.Tx;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jooq.Record;
import tools.jackson.databind.json.JsonMapper;

/** The tables of batches. */
final class BatchStore {
  /** What is absent stays so: a field that is null means something to a create. */
  static final JsonMapper JSON =
      JsonMapper.builder()
          .changeDefaultPropertyInclusion(
              given -> given.withValueInclusion(JsonInclude.Include.NON_NULL))
          .build();

  private final Vault vault;

  BatchStore(Vault vault) {
    this.vault = vault;
  }

  /** What a batch creates, and for whom. */
  record Order(CreateSandbox request, Sandbox.Owner owner) {}

  void insert(Tx tx, String id, int count, int concurrency, String template, Order order) {
    byte[] request = JSON.writeValueAsString(order.request()).getBytes(StandardCharsets.UTF_8);
    tx.sql()
        .execute(
            """
            insert into sandbox_batches (id, org, state, requested, concurrency, template_id, request, owner,
              external_user_id) values (?, ?, 'running', ?, ?, ?, ?, cast(? as jsonb), ?)\
            """,
            id,
            tx.org().value(),
            count,
            concurrency,
            template,
            vault.seal(tx, id, "request", request),
            JSON.writeValueAsString(order.owner()),
            order.owner().externalUserId());
    tx.sql()
        .execute(
            """
            insert into sandbox_batch_items (batch_id, org, position, state)
            select ?, ?, n, 'pending' from generate_series(1, ?) as n\
            """,
            id,
            tx.org().value(),
            count);
    tell(tx, find(tx, id), "sandbox_batch.created");
  }

  private static void tell(Tx tx, Batch batch, String type) {
    tx.event(
        Event.of(
            type,
            "sandbox_batch",
            batch.id(),
            batch.version(),
            Map.of("status", batch.state(), "requested", batch.requested())));
  }

  Order order(Tx tx, String id) {
    Record row =
        Objects.requireNonNull(
            tx.sql().fetchOne("select request, owner from sandbox_batches where id = ?", id));
    byte[] request = vault.open(tx, id, "request", row.get("request", byte[].class));
    return new Order(
        JSON.readValue(request, CreateSandbox.class),
        JSON.readValue(row.get("owner", String.class), Sandbox.Owner.class));
  }

  Batch find(Tx tx, String id) {
    Record row = tx.sql().fetchOne("select * from sandbox_batches where id = ?", id);
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "batch " + id);
    }
    return new Batch(
        id,
        new OrganizationId(row.get("org", String.class)),
        row.get("state", String.class),
        row.get("requested", Integer.class),
        row.get("concurrency", Integer.class),
        row.get("template_id", String.class),
        row.get("version", Long.class),
        row.get("created_at", OffsetDateTime.class),
        row.get("settled_at", OffsetDateTime.class),
        counts(
            tx,
            "select state, count(*) as n from sandbox_batch_items where batch_id = ? group by 1",
            id),
        counts(
            tx,
            """
            select s.state, count(*) as n from sandbox_batch_items i join sandboxes s on s.id = i.sandbox_id
            where i.batch_id = ? group by 1\
            """,
            id));
  }

  private static Map<String, Integer> counts(Tx tx, String query, String id) {
    Map<String, Integer> counts = new HashMap<>();
    tx.sql()
        .fetch(query, id)
        .forEach(row -> counts.put(row.get("state", String.class), row.get("n", Integer.class)));
    return counts;
  }

  List<Batch.Item> items(Tx tx, String id, int limit, int offset) {
    return tx.sql()
        .fetch(
            """
            select i.*, s.state as sandbox_state from sandbox_batch_items i
            left join sandboxes s on s.id = i.sandbox_id
            where i.batch_id = ? order by i.position limit ? offset ?\
            """,
            id,
            limit,
            offset)
        .map(row ->
            new Batch.Item(
                row.get("position", Integer.class),
                row.get("state", String.class),
                row.get("sandbox_id", String.class),
                row.get("sandbox_state", String.class),
                row.get("error_code", String.class),
                row.get("error_message", String.class)));
  }

  List<Integer> pending(Tx tx, String id) {
    return tx.sql()
        .fetch(
            """
            select position from sandbox_batch_items where batch_id = ? and state = 'pending'
            order by position\
            """,
            id)
        .map(row -> row.get("position", Integer.class));
  }

  /** Batches that are not settled, of every organization. */
  Map<String, OrganizationId> running(Tx tx) {
    Map<String, OrganizationId> found = new HashMap<>();
    tx.sql()
        .fetch("select id, org from sandbox_batches where state = 'running'")
        .forEach(row ->
            found.put(
                row.get("id", String.class), new OrganizationId(row.get("org", String.class))));
    return found;
  }

  /** Whether an item was still pending and now is done. */
  boolean done(Tx tx, String id, int position, String sandboxId) {
    return tx.sql()
            .execute(
                """
                update sandbox_batch_items set state = 'completed', sandbox_id = ?, updated_at = now()
                where batch_id = ? and position = ? and state = 'pending'\
                """,
                sandboxId,
                id,
                position)
        == 1;
  }

  /** The sandbox of an item was taken back: the item is pending again. */
  void reopen(Tx tx, String id, int position) {
    tx.sql()
        .execute(
            """
            update sandbox_batch_items i set state = 'pending', sandbox_id = null, updated_at = now()
            from sandboxes s where i.batch_id = ? and i.position = ? and i.state = 'completed'
              and s.id = i.sandbox_id and s.state = 'destroyed'\
            """,
            id,
            position);
  }

  /** A sandbox that was stored could not be started after all, or none could be made. */
  void failed(Tx tx, String id, int position, AtollException error) {
    tx.sql()
        .execute(
            """
            update sandbox_batch_items set state = 'failed', error_code = ?, error_message = ?, updated_at = now()
            where batch_id = ? and position = ? and state in ('pending', 'completed')\
            """,
            error.code().code(),
            error.getMessage(),
            id,
            position);
  }

  /** Gives up what was not begun. */
  void cancel(Tx tx, String id) {
    tx.sql().execute("select from sandbox_batches where id = ? for update", id);
    tx.sql()
        .execute(
            """
            update sandbox_batch_items set state = 'canceled', updated_at = now()
            where batch_id = ? and state = 'pending'\
            """,
            id);
    settle(tx, id);
  }

  /** Says that a batch is over when nothing of it is pending. */
  void settle(Tx tx, String id) {
    tx.sql().execute("select from sandbox_batches where id = ? for update", id);
    Batch batch = find(tx, id);
    if (batch.isSettled() || batch.hasPending()) {
      return;
    }
    tx.sql()
        .execute(
            """
            update sandbox_batches set state = ?, settled_at = now(), updated_at = now(), version = version + 1
            where id = ?\
            """,
            batch.settled(),
            id);
    tell(tx, find(tx, id), "sandbox_batch.settled");
  }
}
