package com.atoll.edge.routes;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What the server is to hear of sandboxes: their traffic, and their calls to the outside. */
final class Outbox {
  private static final int CALLS_A_MESSAGE = 100;
  private static final int MESSAGES_A_TURN = 20;

  /**
   * Messages of calls that the server has not written down yet. Beyond them calls wait here, where
   * each sandbox has its bound, and not in the server, where none has.
   */
  private static final int MOST_UNWRITTEN = 4;

  private static final int SANDBOXES_A_MESSAGE = 10_000;

  private final Calls calls = new Calls();
  private final Set<String> active = ConcurrentHashMap.newKeySet();
  private @Nullable FeedConnection toWhom;
  private boolean saysWritten;
  private long sent;
  private long written;

  void activity(String sandboxId) {
    active.add(sandboxId);
  }

  void call(ObjectNode call) {
    calls.add(call);
  }

  void tellActivity(FeedConnection now) {
    if (active.isEmpty()) {
      return;
    }
    List<String> ids = active.stream().limit(SANDBOXES_A_MESSAGE).toList();
    ids.forEach(active::remove);
    ObjectNode message = RouteJson.JSON.createObjectNode().put("type", "activity");
    ids.forEach(message.putArray("sandbox_ids")::add);
    now.send(message);
  }

  void tellCalls(FeedConnection now) {
    for (int i = 0; i < MESSAGES_A_TURN && !calls.isEmpty() && mayTell(now); i++) {
      ObjectNode message = RouteJson.JSON.createObjectNode().put("type", "egress");
      calls.take(CALLS_A_MESSAGE).forEach(message.putArray("calls")::add);
      now.send(message);
    }
  }

  /** Counts one more message of calls, unless it has to wait. */
  private synchronized boolean mayTell(FeedConnection now) {
    meet(now);
    // A server of before never says what it has written, and is not waited for.
    if (saysWritten && sent - written >= MOST_UNWRITTEN) {
      return false;
    }
    sent++;
    return true;
  }

  /** The server has written down the calls of one more message, or says that it will say so. */
  synchronized void written(FeedConnection by) {
    meet(by);
    saysWritten = true;
    if (written < sent) {
      written++;
    }
  }

  private void meet(FeedConnection now) {
    if (!now.equals(toWhom)) {
      toWhom = now;
      saysWritten = false;
      sent = 0;
      written = 0;
    }
  }
}
