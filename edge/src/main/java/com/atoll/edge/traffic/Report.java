package com.atoll.edge.traffic;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A message of {@code proto/feed.md}, kept until the server has it. */
record Report(long sequence, ObjectNode message, Ledger.@Nullable Page page) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int LONGEST_PATH = 512;

  static Report of(
      String run, long sequence, Ledger.@Nullable Page page, Journal.@Nullable Batch batch) {
    ObjectNode message =
        JSON.createObjectNode().put("type", "traffic").put("run", run).put("sequence", sequence);
    if (page != null) {
      message.put("counters", page.counters().name());
      totals(message.putArray("totals"), page.totals());
    }
    if (batch != null) {
      message.put("at_unix_ms", batch.atMillis());
      ArrayNode tallies = message.putArray("tallies");
      batch.tallies().forEach(tally -> write(tallies.addObject(), tally));
      ArrayNode requests = message.putArray("requests");
      batch.records().forEach(served -> write(requests.addObject(), served));
    }
    return new Report(sequence, message, page);
  }

  private static void totals(ArrayNode array, List<Counters.Total> totals) {
    for (Counters.Total total : totals) {
      array
          .addObject()
          .put("id", total.id())
          .put("received", total.received())
          .put("sent", total.sent())
          .put("received_known", total.receivedKnown())
          .put("sent_known", total.sentKnown());
    }
  }

  private static void write(ObjectNode node, Tally tally) {
    node.put("deployment_id", tally.key.deployment())
        .put("version_id", tally.key.version())
        .put("method", tally.key.method())
        .put("route", tally.key.route())
        .put("requests", tally.requests)
        .put("client_errors", tally.clientErrors)
        .put("server_errors", tally.serverErrors)
        .put("unlogged", tally.unlogged)
        .put("received", tally.received)
        .put("sent", tally.sent);
    ArrayNode durations = node.putArray("durations");
    for (int count : tally.durations) {
      durations.add(count);
    }
  }

  private static void write(ObjectNode node, Served served) {
    String path = served.path();
    node.put("deployment_id", served.account().id())
        .put("version_id", served.account().version())
        .put("at_unix_ms", served.atMillis())
        .put("method", served.method())
        .put("host", served.host())
        .put("path", path.length() > LONGEST_PATH ? path.substring(0, LONGEST_PATH) : path)
        .put("status", served.status())
        .put("received", served.received())
        .put("sent", served.sent())
        .put("micros", served.micros())
        .put("client_ip", served.peer())
        .put("request_id", served.requestId());
  }
}
