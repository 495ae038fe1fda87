package com.atoll.server.activity;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.events.Position;
import com.atoll.server.events.StoredEvent;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Store;
import java.util.List;
import java.util.Map;
import org.jooq.Condition;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** What went wrong and has or has not been dealt with. */
final class Alerts {
  private final Store store;

  Alerts(Store store) {
    this.store = store;
  }

  /** Body of a resolution. */
  record Resolve(@Doc(value = "What was done.", max = 1_000) @Nullable String note) {}

  /** Alerts, newest first. */
  record Listed(
      @Doc("Alerts, newest first.") List<AlertView> data,
      @Doc("Where the next page begins; null at the end.") @Nullable String nextCursor) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/alerts")
            .id("alerts.list")
            .summary("Lists what went wrong, newest first.")
            .priority("P3")
            .anyScope()
            .query("resolved", "boolean", "Only those that ended or were resolved, or the others.")
            .errors(ErrorCode.INVALID_PARAM)
            .query("severity", "Only those that are critical or warning.")
            .query("type", "Only those of events of this type.")
            .query("workspace_id", "Only those about this workspace.")
            .query("project_id", "Only those about this project.")
            .query("resource_type", "Only those about this kind of resource.")
            .query("resource_id", "Only those about this resource.")
            .query("external_workspace_id", "Only those with this attribution.")
            .query("external_user_id", "Only those with this attribution.")
            .query("external_project_id", "Only those with this attribution.")
            .paged()
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
    Condition where =
        Notable.alert()
            .and(
                asked == null || asked.isEmpty()
                    ? DSL.noCondition()
                    : Resolutions.is(call.queryFlag("resolved", true)))
            .and(severity(call.query("severity")))
            .and(Views.equal(call, "type"))
            .and(Views.owned(call));
    Paging paging = call.pagingWithOwnCursor();
    return store.transaction(
        call.principal(),
        tx -> {
          List<StoredEvent> rows = Views.page(tx, where, paging);
          List<StoredEvent> page = rows.stream().limit(paging.limit()).toList();
          Map<Position, Resolutions.Resolution> ended = Resolutions.of(tx, page);
          return new Listed(
              page.stream().map(e -> AlertView.of(e, ended.get(e.position()))).toList(),
              Views.next(rows, paging.limit()));
        });
  }

  private static Condition severity(@Nullable String asked) {
    if (asked == null || asked.isEmpty()) {
      return DSL.noCondition();
    }
    if (!asked.equals("critical") && !asked.equals("warning")) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "severity");
    }
    return DSL.field("type", String.class)
        .in(Notable.TYPES.stream().filter(type -> Notable.severity(type).equals(asked)).toList());
  }

  private AlertView resolve(Call call, Resolve asked) {
    String id = call.path("id");
    return store.transaction(
        call.principal(),
        tx -> {
          StoredEvent event = Views.require(tx, id, "alert", Notable.alert());
          Resolutions.resolve(tx, event.position(), asked.note(), call.principal().key().value());
          return AlertView.of(event, Resolutions.of(tx, List.of(event)).get(event.position()));
        });
  }
}
