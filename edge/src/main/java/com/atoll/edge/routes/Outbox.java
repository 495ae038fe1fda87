package com.atoll.edge.routes;

import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the server is to hear of sandboxes: their traffic, and their calls to the outside. */
final class Outbox {
  private static final Logger log = LoggerFactory.getLogger(Outbox.class);

  /** Calls of sandboxes that wait for the server; about 2 KiB each at most. */
  private static final int MOST_CALLS = 20_000;

  private static final int CALLS_A_MESSAGE = 200;
  private static final int SANDBOXES_A_MESSAGE = 10_000;

  private final Queue<ObjectNode> calls = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waitingCalls = new AtomicInteger();
  private final Set<String> active = ConcurrentHashMap.newKeySet();

  void activity(String sandboxId) {
    active.add(sandboxId);
  }

  void call(ObjectNode call) {
    if (waitingCalls.incrementAndGet() > MOST_CALLS) {
      waitingCalls.decrementAndGet();
      log.debug("a call is not written down: the server is away for too long");
    } else {
      calls.add(call);
    }
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
    while (!calls.isEmpty()) {
      ObjectNode message = RouteJson.JSON.createObjectNode().put("type", "egress");
      ArrayNode list = message.putArray("calls");
      for (int i = 0; i < CALLS_A_MESSAGE; i++) {
        ObjectNode call = calls.poll();
        if (call == null) {
          break;
        }
        waitingCalls.decrementAndGet();
        list.add(call);
      }
      now.send(message);
    }
  }
}
