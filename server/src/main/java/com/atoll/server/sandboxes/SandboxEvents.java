package com.atoll.server.sandboxes;

import com.atoll.model.Delegation;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.events.EventView;
import com.atoll.server.events.EventsApi;
import com.atoll.server.http.Call;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Operation;
import com.atoll.server.live.LiveFeeds;
import com.atoll.server.store.Deed;
import java.util.Map;

/** What happens to one sandbox, as it happens. */
final class SandboxEvents {
  private SandboxEvents() {}

  static Operation<?, ?> operation(SandboxService sandboxes, EventsApi events, LiveFeeds feeds) {
    return Operation.get("/sandboxes/:id/events")
        .id("sandboxes.events")
        .summary(
            "Follows what happens to a sandbox, and as it happens inside: sandbox.exec.started,"
                + " sandbox.exec.stdout and sandbox.exec.stderr (a line each), sandbox.exec.completed"
                + " of commands that callers run, sandbox.file.changed below /workspace. Those have no"
                + " id and are not kept: who comes later, or asks for a list, does not get them; to"
                + " whom is slow the next one says how many before it were dropped. Commands are told"
                + " to whom may run some (sandboxes:exec). It wakes no sandbox and keeps none awake.")
        .priority("P2")
        .scope("sandboxes:read")
        .query("types", "Types of events, separated by commas; a star stands for anything.")
        .query("last_event_id", "The event after which the stream resumes.")
        .query("after_id", "Without a stream: the event after which the list begins.")
        .query("limit", "integer", "Without a stream: how many events at most; default 100.")
        .query("offset", "integer", EventsApi.SKIPS)
        .query("page", "integer", EventsApi.PAGES)
        .query("wait", "integer", "Without a stream: seconds to wait for an event, up to 25.")
        .query("ticket", "A ticket instead of a key, for EventSource.")
        .errors(ErrorCode.SANDBOX_NOT_FOUND)
        .response(EventView.class, Envelope.LIST)
        .events()
        .run(call -> answer(call, sandboxes, events, feeds));
  }

  private static void answer(Call call, SandboxService sandboxes, EventsApi events, LiveFeeds feeds)
      throws InterruptedException {
    Principal principal = call.principal();
    Sandbox sandbox = sandboxes.knownOrStored(principal, call.path("id"));
    Deed.about(sandbox.subject());
    events.ofResource(
        call,
        "sandbox_id",
        sandbox.id(),
        filter ->
            feeds.listen(
                sandbox.id(),
                sandbox.org().value(),
                type -> may(principal, type) && filter.test(Rows.event(type, sandbox, Map.of()))));
  }

  /** Whether a credential may read elsewhere what these events tell. */
  private static boolean may(Principal principal, String type) {
    return LiveFeeds.ofCommands().contains(type)
        ? may(principal, "sandboxes:exec", "sandboxes.exec")
        : may(principal, "sandboxes:read", "sandboxes.fs.watch");
  }

  private static boolean may(Principal principal, String scope, String operation) {
    Delegation delegation = principal.delegation();
    return principal.allows(scope) && (delegation == null || delegation.permits(operation));
  }
}
