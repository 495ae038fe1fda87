package com.atoll.server.activity;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.events.EventLog;
import com.atoll.server.events.EventView;
import com.atoll.server.events.EventsApi;
import com.atoll.server.events.Position;
import com.atoll.server.events.StoredEvent;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.store.Event;
import com.atoll.server.store.Store;
import java.time.Instant;
import java.util.List;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * The latest piece of work on a resource, as the log tells it. Its id is {@code op_} and the id of
 * the resource; the id alone will do.
 */
final class Operations {
  private static final String PREFIX = "op_";
  private static final int MOST_STEPS = 200;

  private final Store store;
  private final EventsApi events;

  Operations(Store store, EventsApi events) {
    this.store = store;
    this.events = events;
  }

  /** A step of an operation. */
  record StepView(
      @Doc("Type of its event.") String name,
      @Doc("running, succeeded, failed or cancelled.") String status,
      @Doc("When.") Instant at) {}

  /** An operation as the API shows it. */
  record OperationView(
      @Doc("Id.") String id,
      @Doc("Kind of work: the kind of the resource and how it began.") String type,
      @Doc("Kind of the resource.") String resourceType,
      @Doc("Id of the resource.") String resourceId,
      @Doc("running, succeeded, failed or cancelled.") String status,
      @Doc("Type of its latest event.") String currentStep,
      @Doc("Why it failed.") @Nullable String error,
      @Doc("Its steps, oldest first.") List<StepView> steps,
      @Doc("When it began.") Instant createdAt,
      @Doc("When it last went on.") Instant updatedAt,
      @Doc("When it ended.") @Nullable Instant completedAt) {

    static OperationView of(String id, List<StoredEvent> steps) {
      StoredEvent first = steps.getFirst();
      StoredEvent last = steps.getLast();
      Phase phase = Phase.of(last.event().type());
      return new OperationView(
          PREFIX + id,
          first.event().type(),
          first.event().resourceType(),
          id,
          phase.wire(),
          last.event().type(),
          phase == Phase.FAILED ? NotificationView.body(last.event()) : null,
          steps.stream()
              .map(s -> new StepView(s.event().type(), Phase.of(s.event().type()).wire(), s.at()))
              .toList(),
          first.at(),
          last.at(),
          phase == Phase.RUNNING ? null : last.at());
    }
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/operations/:id")
            .id("operations.get")
            .summary("Shows the latest piece of work on a resource.")
            .priority("P3")
            .anyScope()
            .errors(ErrorCode.NOT_FOUND)
            .response(OperationView.class, Envelope.DATA)
            .handle(
                call -> OperationView.of(resource(call), steps(call.principal(), resource(call)))),
        Operation.post("/operations/:id/cancel")
            .id("operations.cancel")
            .summary("Cancels a piece of work that can be cancelled; so far none can.")
            .priority("P3")
            .anyScope()
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.OPERATION_NOT_CANCELLABLE)
            .response(OperationView.class, Envelope.DATA)
            .handle(this::cancel),
        Operation.get("/operations/:id/events")
            .id("operations.events")
            .summary("Follows a piece of work from its beginning to its end.")
            .priority("P3")
            .anyScope()
            .errors(ErrorCode.NOT_FOUND)
            .query("last_event_id", "The event after which the stream resumes.")
            .query("ticket", "A ticket instead of a key, for EventSource.")
            .events()
            .run(this::follow));
  }

  private static String resource(Call call) {
    String id = call.path("id");
    return id.startsWith(PREFIX) ? id.substring(PREFIX.length()) : id;
  }

  private OperationView cancel(Call call) {
    OperationView now = OperationView.of(resource(call), steps(call.principal(), resource(call)));
    String why =
        now.completedAt() != null
            ? "it has ended"
            : now.resourceType().equals("sandbox_batch")
                ? "a batch is cancelled by POST /sandboxes/batches/" + now.resourceId() + "/cancel"
                : "work on a " + now.resourceType() + " goes on to its end";
    throw AtollException.of(ErrorCode.OPERATION_NOT_CANCELLABLE, why);
  }

  private void follow(Call call) throws InterruptedException {
    String resource = resource(call);
    StoredEvent first = steps(call.principal(), resource).getFirst();
    Position before =
        new Position(first.position().epoch(), first.position().xid(), first.position().seq() - 1);
    String confined = call.principal().externalUser();
    events.followUntil(
        call,
        before,
        event ->
            resource.equals(event.resourceId())
                && (confined == null || confined.equals(event.externalUser())),
        stored -> EventView.of(stored).frame(),
        stored -> ended(stored.event()));
  }

  private static boolean ended(Event event) {
    return Phase.of(event.type()) != Phase.RUNNING;
  }

  /** The events since the work last began, oldest first. */
  private List<StoredEvent> steps(Principal principal, String resource) {
    List<StoredEvent> newest =
        store.transaction(
            principal,
            tx ->
                EventLog.newest(
                    tx, DSL.condition("resource_id = ?", resource), null, 0, MOST_STEPS));
    if (newest.isEmpty()) {
      throw Notifications.unknown("operation", PREFIX + resource);
    }
    int begin = 0;
    while (begin + 1 < newest.size()
        && !Phase.begins(newest.get(begin).event().type())
        && !ended(newest.get(begin + 1).event())) {
      begin++;
    }
    return newest.subList(0, begin + 1).reversed();
  }
}
