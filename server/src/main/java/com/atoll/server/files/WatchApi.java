package com.atoll.server.files;

import com.atoll.node.v1.OpenWatchRequest;
import com.atoll.node.v1.Ticket;
import com.atoll.server.http.Call;
import com.atoll.server.http.EventStream;
import com.atoll.server.http.Operation;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import com.atoll.server.sandboxes.Sandboxes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Streams what changes in a folder. */
final class WatchApi {
  private static final Logger LOG = LoggerFactory.getLogger(WatchApi.class);
  private static final int LONGEST_LINE = 64 << 10;

  private final Sandboxes sandboxes;
  private final NodeClient node;

  WatchApi(Sandboxes sandboxes, NodeClient node) {
    this.sandboxes = sandboxes;
    this.node = node;
  }

  List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>();
    for (String family : List.of("fs", "files")) {
      all.add(
          FilesCapability.read(
                  Operation.get("/sandboxes/:id/" + family + "/watch"),
                  "sandboxes." + family + ".watch",
                  "Streams what changes in a folder. Each event has an id: whoever comes back with it"
                      + " within a minute gets what he missed, or the event overflow when that is not"
                      + " known any more. A folder that is removed is told as deleted, and as created"
                      + " when it is there again: the stream goes on.")
              .priority("P2")
              .query("path", "Path; default /workspace.")
              .query("recursive", "boolean", "Also in the folders below; default true.")
              .query("last_event_id", "As the header Last-Event-ID: where the stream resumes.")
              .events()
              .run(this::watch));
    }
    return all;
  }

  private void watch(Call call) {
    SandboxPath path = SandboxPath.orHome(call.query("path"));
    boolean recursive = call.queryFlag("recursive", true);
    String after = WatchedChange.cursor(call.lastEventId());
    Ticket ticket =
        sandboxes.awake(
            call.principal(),
            call.path("id"),
            sandbox ->
                node.files()
                    .openWatch(
                        OpenWatchRequest.newBuilder()
                            .setWorkloadId(sandbox.id())
                            .setPath(path.value())
                            .setRecursive(recursive)
                            .setAfter(after)
                            .build()));
    try (NodeStream changes = node.redeem(ticket)) {
      EventStream events = call.events();
      events.onDisconnect(changes::close);
      Optional<String> line = changes.readLine(LONGEST_LINE);
      while (line.isPresent()) {
        WatchedChange.parse(line.get()).ifPresent(change -> send(events, change));
        line = changes.readLine(LONGEST_LINE);
      }
    } catch (IOException ended) {
      LOG.debug("A watch ended: {}", ended.getMessage());
    }
  }

  private static void send(EventStream events, WatchedChange change) {
    if (!change.type().equals(WatchedChange.READY)) {
      events.send(change.id(), change.type(), change.data());
    } else if (change.id() != null) {
      // Whoever leaves before the first change has something to come back with.
      events.place(change.id());
    }
  }
}
