package com.atoll.server.webhooks;

import com.atoll.server.store.Event;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes how attempts ended, and what that says about their webhooks. */
final class EndingTable {
  /** After so many deliveries in a row that were given up, a webhook is disabled. */
  static final int MOST_FAILURES = 10;

  /** The type of a delivery that only tries its webhook out. */
  static final String TEST = "webhook.test";

  private EndingTable() {}

  static void record(Tx tx, List<Ending> all) {
    Map<String, Integer> counts = update(tx, all);
    List<Ending> known = all.stream().filter(e -> counts.containsKey(e.delivery().id())).toList();
    recover(tx, known);
    Map<String, Integer> given = new TreeMap<>();
    for (Ending ending : known) {
      if (!ending.state().equals(Delivery.PENDING)) {
        int count = counts.getOrDefault(ending.delivery().id(), 0);
        tx.event(ending.delivery().org(), told(ending, count));
      }
      if (ending.dead() && !ending.delivery().eventType().equals(TEST)) {
        given.merge(ending.delivery().webhookId(), 1, Integer::sum);
      }
    }
    given.forEach((webhook, count) -> fail(tx, webhook, count, known));
  }

  /** A claim that another process took over meanwhile is not touched: the attempt tells. */
  private static Map<String, Integer> update(Tx tx, List<Ending> all) {
    return tx.sql()
        .fetch(
            """
            update webhook_deliveries d set state = e.state, status_code = e.status_code,
              duration_ms = e.duration_ms, response_body = e.response_body, error = e.error,
              attempts = d.attempts || cast(e.entry as jsonb),
              next_at = coalesce(e.next_at, d.next_at), ended_at = e.ended_at
            from unnest(cast(? as text[]), cast(? as int[]), cast(? as text[]), cast(? as int[]), cast(? as int[]),
              cast(? as text[]), cast(? as text[]), cast(? as text[]), cast(? as timestamptz[]),
              cast(? as timestamptz[])) as e(id, attempt, state, status_code, duration_ms, response_body,
              error, entry, next_at, ended_at)
            where d.id = e.id and d.attempt = e.attempt and d.state = 'pending'
            returning d.id, jsonb_array_length(d.attempts)\
            """,
            texts(all, e -> e.delivery().id()),
            all.stream().map(e -> e.delivery().attempt()).toArray(Integer[]::new),
            texts(all, Ending::state),
            all.stream().map(e -> e.answer().status()).toArray(Integer[]::new),
            all.stream().map(e -> e.answer().millis()).toArray(Integer[]::new),
            texts(all, e -> e.answer().body()),
            texts(all, e -> e.answer().error()),
            texts(all, e -> Attempts.one(e.delivery().attempt(), e.at(), e.answer(), e.next())),
            times(all, e -> WebhookTable.at(e.next())),
            times(all, e -> e.next() == null ? WebhookTable.at(e.at()) : null))
        .intoMap(row -> row.get(0, String.class), row -> row.get(1, Integer.class));
  }

  private static @Nullable String[] texts(
      List<Ending> all, Function<Ending, @Nullable String> field) {
    return all.stream().map(field).toArray(String[]::new);
  }

  private static @Nullable OffsetDateTime[] times(
      List<Ending> all, Function<Ending, @Nullable OffsetDateTime> field) {
    return all.stream().map(field).toArray(OffsetDateTime[]::new);
  }

  private static void recover(Tx tx, List<Ending> all) {
    String[] well =
        all.stream()
            .filter(Ending::delivered)
            .map(e -> e.delivery().webhookId())
            .distinct()
            .sorted()
            .toArray(String[]::new);
    if (well.length > 0) {
      tx
          .sql()
          .fetch(
              """
              update webhooks set failures = 0, version = version + 1
              where id = any (cast(? as text[])) and failures > 0 returning id, active\
              """,
              (Object) well)
          .stream()
          .filter(row -> row.get("active", Boolean.class))
          .map(row -> WebhookTable.lock(tx, row.get("id", String.class)).orElseThrow())
          .forEach(webhook ->
              tx.event(
                  webhook.org(),
                  webhook.event(
                      "webhook.recovered", Map.of("name", webhook.name(), "url", webhook.url()))));
    }
  }

  private static void fail(Tx tx, String id, int count, List<Ending> all) {
    Webhook webhook = WebhookTable.lock(tx, id).orElse(null);
    if (webhook == null) {
      return;
    }
    boolean gone =
        all.stream().anyMatch(e -> e.delivery().webhookId().equals(id) && e.answer().gone());
    int failures = webhook.failures() + count;
    tx.sql()
        .execute(
            "update webhooks set failures = ?, version = version + 1 where id = ?", failures, id);
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("name", webhook.name());
    data.put("url", webhook.url());
    data.put("failures", failures);
    if (webhook.active() && (gone || failures >= MOST_FAILURES)) {
      String reason =
          gone ? "the receiver answered 410" : failures + " deliveries in a row were given up";
      data.put("reason", reason);
      Webhook disabled =
          WebhookTable.update(
              tx, Changes.disabled(WebhookTable.lock(tx, id).orElseThrow(), reason));
      tx.event(disabled.org(), disabled.event("webhook.disabled", data));
    } else if (webhook.failures() == 0) {
      Webhook failing = WebhookTable.lock(tx, id).orElseThrow();
      tx.event(failing.org(), failing.event("webhook.failing", data));
    }
  }

  private static Event told(Ending ending, int version) {
    Delivery delivery = ending.delivery();
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("webhook_id", delivery.webhookId());
    data.put("delivery_id", delivery.id());
    data.put("delivered_event_id", delivery.eventId());
    data.put("event_type", delivery.eventType());
    data.put("attempt", delivery.attempt());
    data.put("duration_ms", ending.answer().millis());
    putIfKnown(data, "status_code", ending.answer().status());
    putIfKnown(data, "error", ending.answer().error());
    return new Event(
        ending.delivered() ? "webhook.delivered" : "webhook.failed",
        "webhook_delivery",
        delivery.id(),
        version,
        delivery.workspaceId(),
        delivery.projectId(),
        delivery.externalWorkspaceId(),
        delivery.externalUserId(),
        delivery.externalProjectId(),
        data);
  }

  private static void putIfKnown(Map<String, Object> data, String key, @Nullable Object value) {
    if (value != null) {
      data.put(key, value);
    }
  }
}
