package com.atoll.server.activity;

import com.atoll.server.events.EventView;
import com.atoll.server.events.StoredEvent;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Store;
import java.util.List;
import org.jooq.Condition;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** What happened, newest first. */
final class Activity {
  private final Store store;

  Activity(Store store) {
    this.store = store;
  }

  /** A page of the log. */
  record Listed(
      @Doc("Events, newest first.") List<EventView> data,
      @Doc("Where the next page begins; null at the end.") @Nullable String nextCursor) {}

  Operation<?, ?> operation() {
    return Operation.get("/activity")
        .id("activity.list")
        .summary("Lists what happened in the last 30 days, newest first.")
        .priority("P3")
        .anyScope()
        .query("type", "Only events of this type.")
        .query("workspace_id", "Only events of this workspace.")
        .query("project_id", "Only events of this project.")
        .query("resource_type", "Only events of this kind of resource.")
        .query("resource_id", "Only events of this resource.")
        .query("external_workspace_id", "Only events with this attribution.")
        .query("external_user_id", "Only events with this attribution.")
        .query("external_project_id", "Only events with this attribution.")
        .paged()
        .response(Listed.class, Envelope.FLAT)
        .handle(this::list);
  }

  private Listed list(Call call) {
    Paging paging = call.pagingWithOwnCursor();
    Condition where = Views.equal(call, "type").and(Views.owned(call)).and(quiet(call));
    return store.transaction(
        call.principal(),
        tx -> {
          List<StoredEvent> rows = Views.page(tx, where, paging);
          return new Listed(
              rows.stream().limit(paging.limit()).map(EventView::of).toList(),
              Views.next(rows, paging.limit()));
        });
  }

  /** That an event was delivered is no activity, unless somebody asks for just that. */
  private static Condition quiet(Call call) {
    boolean asked = call.query("type") != null || call.query("resource_type") != null;
    return asked ? DSL.noCondition() : DSL.condition("resource_type <> 'webhook_delivery'");
  }
}
