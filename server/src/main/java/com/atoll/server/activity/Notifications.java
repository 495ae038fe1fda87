package com.atoll.server.activity;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.events.EventLog;
import com.atoll.server.events.EventsApi;
import com.atoll.server.events.StoredEvent;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Event;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.atoll.server.webhooks.Routed;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jooq.Condition;
import org.jspecify.annotations.Nullable;

/** What somebody should notice, with marks of what each key has read. */
final class Notifications {
  /** Counting ends there: nobody reads more. */
  private static final int MOST_COUNTED = 1_000;

  private final Store store;
  private final EventsApi events;

  Notifications(Store store, EventsApi events) {
    this.store = store;
    this.events = events;
  }

  /** A page of notifications. */
  record Listed(
      @Doc("Notifications, newest first.") List<NotificationView> data,
      @Doc("Where the next page begins; null at the end.") @Nullable String nextCursor) {}

  /** How many are unread. */
  record Unread(@Doc("How many are unread, at most 1000.") int count) {}

  /** What was marked. */
  record Marked(@Doc("Id of the notification.") String id, @Doc("true.") boolean read) {}

  /** What was marked. */
  record AllMarked(@Doc("How many were unread before, at most 1000.") int marked) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/notifications")
            .id("notifications.list")
            .summary("Lists what somebody should notice, newest first.")
            .priority("P3")
            .anyScope()
            .paged()
            .query("unread", "boolean", "Only those that are unread.")
            .response(Listed.class, Envelope.FLAT)
            .handle(this::list),
        Operation.get("/notifications/unread-count")
            .id("notifications.unread_count")
            .summary("Counts what the key has not read.")
            .priority("P3")
            .anyScope()
            .response(Unread.class, Envelope.FLAT)
            .handle(call ->
                store.transaction(call.principal(), tx -> new Unread(unread(tx, call).size()))),
        Operation.post("/notifications/:id/read")
            .id("notifications.mark_read")
            .summary("Marks a notification as read.")
            .priority("P3")
            .anyScope()
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND)
            .response(Marked.class, Envelope.FLAT)
            .handle(this::read),
        Operation.post("/notifications/read-all")
            .id("notifications.mark_all_read")
            .summary("Marks every notification as read.")
            .priority("P3")
            .anyScope()
            .idempotency(Idempotency.NATURAL)
            .response(AllMarked.class, Envelope.FLAT)
            .handle(this::readAll),
        Operation.get("/notifications/stream")
            .id("notifications.stream")
            .summary("Follows what somebody should notice.")
            .priority("P3")
            .anyScope()
            .query("last_event_id", "The event after which the stream resumes.")
            .query("ticket", "A ticket instead of a key, for EventSource.")
            .events()
            .run(this::stream));
  }

  private static Marks marks(Call call) {
    return new Marks(call.principal().key().value());
  }

  private static Condition wanted(Tx tx, Call call) {
    return Notable.condition().or(Routed.condition(tx, call.principal().key().value()));
  }

  private Listed list(Call call) {
    boolean unreadOnly = call.queryFlag("unread", false);
    Paging paging = call.pagingWithOwnCursor();
    return store.transaction(
        call.principal(),
        tx -> {
          Condition all = wanted(tx, call);
          Condition unread = all.and(marks(call).unread());
          List<StoredEvent> rows = Views.page(tx, unreadOnly ? unread : all, paging);
          Set<String> fresh =
              EventLog.newest(tx, unread.and(Views.among(rows)), null, 0, rows.size()).stream()
                  .map(Views::id)
                  .collect(Collectors.toSet());
          return new Listed(
              rows.stream()
                  .limit(paging.limit())
                  .map(e -> NotificationView.of(e, !fresh.contains(Views.id(e))))
                  .toList(),
              Views.next(rows, paging.limit()));
        });
  }

  /** The newest that are unread. */
  private static List<StoredEvent> unread(Tx tx, Call call) {
    return EventLog.newest(tx, wanted(tx, call).and(marks(call).unread()), null, 0, MOST_COUNTED);
  }

  private Marked read(Call call) {
    String id = call.path("id");
    return store.transaction(
        call.principal(),
        tx -> {
          StoredEvent event = Views.require(tx, id, "notification", wanted(tx, call));
          marks(call).read(tx, event.position());
          return new Marked(id, true);
        });
  }

  private AllMarked readAll(Call call) {
    return store.transaction(
        call.principal(),
        tx -> {
          List<StoredEvent> unread = unread(tx, call);
          if (!unread.isEmpty()) {
            marks(call).readAll(tx, unread.getFirst().position());
          }
          return new AllMarked(unread.size());
        });
  }

  private void stream(Call call) throws InterruptedException {
    Predicate<Event> routed =
        store.transaction(
            call.principal(), tx -> Routed.predicate(tx, call.principal().key().value()));
    String confined = call.principal().externalUser();
    events.follow(
        call,
        event ->
            (confined == null || confined.equals(event.externalUser()))
                && (Notable.is(event) || routed.test(event)),
        stored -> NotificationView.of(stored, false));
  }

  static AtollException unknown(String what, String id) {
    return AtollException.of(ErrorCode.NOT_FOUND, what + " " + id);
  }
}
