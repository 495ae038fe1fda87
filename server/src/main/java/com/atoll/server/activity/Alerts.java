package com.atoll.server.activity;

import com.atoll.model.ErrorCode;
import com.atoll.server.events.EventLog;
import com.atoll.server.events.Position;
import com.atoll.server.events.StoredEvent;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jooq.Condition;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** What went wrong and has or has not been dealt with. */
final class Alerts {
  private static final String RESOLUTION =
      "select from alert_resolutions r where r.org = events.org"
          + " and (r.epoch, r.xid, r.seq) = (events.epoch, events.xid, events.seq)";

  private final Store store;

  Alerts(Store store) {
    this.store = store;
  }

  /** Body of a resolution. */
  record Resolve(@Doc(value = "What was done.", max = 1_000) @Nullable String note) {}

  /** An alert as the API shows it. */
  record AlertView(
      @Doc("Id: the event's.") String id,
      @Doc("Type of the event.") String type,
      @Doc("What happened, in words.") String title,
      @Doc("Why, or of which resource.") String message,
      @Doc("critical or warning.") String severity,
      @Doc("open or resolved.") String status,
      @Doc("Kind of the resource.") String resourceType,
      @Doc("Id of the resource.") String resourceId,
      @Doc("Whether it was resolved.") boolean resolved,
      @Doc("When it was resolved.") @Nullable Instant resolvedAt,
      @Doc("The key that resolved it.") @Nullable String resolvedBy,
      @Doc("What was done.") @Nullable String note,
      @Doc("When it happened.") Instant createdAt) {
    static AlertView of(StoredEvent stored, @Nullable Resolution by) {
      NotificationView seen = NotificationView.of(stored, false);
      return new AlertView(
          seen.id(),
          seen.type(),
          seen.title(),
          seen.body(),
          seen.severity(),
          by == null ? "open" : "resolved",
          seen.resourceType(),
          seen.resourceId(),
          by != null,
          by == null ? null : by.at(),
          by == null ? null : by.key(),
          by == null ? null : by.note(),
          seen.createdAt());
    }
  }

  /** Alerts, newest first. */
  record Listed(
      @Doc("Alerts, newest first.") List<AlertView> data,
      @Doc("Where the next page begins; null at the end.") @Nullable String nextCursor) {}

  record Resolution(Instant at, String key, @Nullable String note) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/alerts")
            .id("alerts.list")
            .summary("Lists what went wrong, newest first.")
            .priority("P3")
            .anyScope()
            .query("resolved", "boolean", "Only those that were resolved, or only the others.")
            .query("limit", "integer", "How many items at most.")
            .query("cursor", "Where the page begins: next_cursor of the page before.")
            .response(Listed.class, Envelope.FLAT)
            .handle(this::list),
        Operation.post("/alerts/:id/resolve")
            .id("alerts.resolve")
            .summary("Says that an alert was dealt with.")
            .priority("P3")
            .anyScope()
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND)
            .request(Resolve.class)
            .response(AlertView.class, Envelope.DATA)
            .handle(this::resolve));
  }

  private Listed list(Call call) {
    String asked = call.query("resolved");
    Condition state =
        asked == null || asked.isEmpty()
            ? DSL.noCondition()
            : DSL.condition(
                (call.queryFlag("resolved", true) ? "" : "not ") + "exists (" + RESOLUTION + ")");
    int limit = call.paging().limit();
    Position before = Views.before(call);
    return store.transaction(
        call.principal(),
        tx -> {
          List<StoredEvent> rows =
              EventLog.newest(tx, Notable.condition().and(state), before, limit + 1);
          return new Listed(
              rows.stream().limit(limit).map(e -> AlertView.of(e, resolution(tx, e))).toList(),
              Views.next(rows, limit));
        });
  }

  private AlertView resolve(Call call, Resolve asked) {
    String id = call.path("id");
    return store.transaction(
        call.principal(),
        tx -> {
          StoredEvent event = Views.require(tx, id, "alert", Notable.condition());
          Position place = event.position();
          tx.sql()
              .execute(
                  """
                  insert into alert_resolutions (org, epoch, xid, seq, note, resolved_by)
                  values (?, ?, cast(cast(? as text) as xid8), ?, ?, ?) on conflict do nothing\
                  """,
                  tx.org().value(),
                  place.epoch(),
                  place.xid(),
                  place.seq(),
                  asked.note(),
                  call.principal().key().value());
          return AlertView.of(event, resolution(tx, event));
        });
  }

  private static @Nullable Resolution resolution(Tx tx, StoredEvent event) {
    Position place = event.position();
    Record row =
        tx.sql()
            .fetchOne(
                "select note, resolved_by, resolved_at from alert_resolutions"
                    + " where (epoch, xid, seq) = (?, cast(cast(? as text) as xid8), ?)",
                place.epoch(),
                place.xid(),
                place.seq());
    return row == null
        ? null
        : new Resolution(
            row.get("resolved_at", OffsetDateTime.class).toInstant(),
            row.get("resolved_by", String.class),
            row.get("note", String.class));
  }
}
