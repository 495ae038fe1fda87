package com.atoll.server.sandboxes;

import com.atoll.model.ErrorCode;
import com.atoll.server.events.EventsApi;
import com.atoll.server.http.Operation;

/** What happens to one sandbox, as it happens. */
final class SandboxEvents {
  private SandboxEvents() {}

  static Operation<?, ?> operation(SandboxService sandboxes, EventsApi events) {
    return Operation.get("/sandboxes/:id/events")
        .id("sandboxes.events")
        .summary("Follows what happens to a sandbox.")
        .priority("P2")
        .scope("sandboxes:read")
        .query("types", "Types of events, separated by commas; a star stands for anything.")
        .query("last_event_id", "The event after which the stream resumes.")
        .query("after_id", "Without a stream: the event after which the list begins.")
        .query("limit", "integer", "Without a stream: how many events at most.")
        .query("wait", "integer", "Without a stream: seconds to wait for an event, up to 25.")
        .query("ticket", "A ticket instead of a key, for EventSource.")
        .errors(ErrorCode.SANDBOX_NOT_FOUND)
        .events()
        .run(call ->
            events.ofResource(
                call,
                "sandbox_id",
                sandboxes.knownOrStored(call.principal(), call.path("id")).id()));
  }
}
