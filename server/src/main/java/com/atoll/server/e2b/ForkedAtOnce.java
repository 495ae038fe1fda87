package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.server.http.Call;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Several sandboxes that begin with one and the same moment of another. */
final class ForkedAtOnce {
  private static final Logger LOG = LoggerFactory.getLogger(ForkedAtOnce.class);
  private static final int AT_ONCE = 8;

  /** A moment that nobody came back for is deleted by then. */
  private static final int LONGEST_SECONDS = 3600;

  private final Backend backend;
  private final Shown shown;

  ForkedAtOnce(Backend backend, Shown shown) {
    this.backend = backend;
    this.shown = shown;
  }

  /** What became of each of so many forks: the sandbox, or why there is none. */
  ArrayNode of(Call call, JsonNode source, int count, ObjectNode child) {
    String from = "/sandboxes/" + Shown.id(source);
    if (count == 1) {
      return answer(List.of(forked(call, from + "/fork", child)));
    }
    String moment;
    try {
      moment = moment(call, source, from);
    } catch (AtollException refused) {
      return answer(Collections.nCopies(count, refusal(refused)));
    }
    try (ExecutorService lanes =
        Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
      List<CompletableFuture<ObjectNode>> all =
          Stream.generate(() ->
                  CompletableFuture.supplyAsync(
                      () -> forked(call, "/snapshots/" + moment + "/fork", child), lanes))
              .limit(count)
              .toList();
      return answer(all.stream().map(CompletableFuture::join).toList());
    } finally {
      drop(call, moment);
    }
  }

  private String moment(Call call, JsonNode source, String from) {
    ObjectNode wish = Backend.object().put("comment", "The moment of a fork.").put("memory", false);
    if (source.path("metadata").has("keep_last_snapshots")) {
      // Among those that are counted it would push out one that its owner took.
      wish.put("keep", true);
    } else {
      wish.put("expiration_seconds", LONGEST_SECONDS);
    }
    return Shown.id(backend.post(call, from + "/snapshots", wish));
  }

  private void drop(Call call, String moment) {
    try {
      backend.delete(call, "/snapshots/" + moment);
    } catch (AtollException refused) {
      LOG.info("The moment {} of a fork is left to its end: {}", moment, refused.getMessage());
    }
  }

  private ObjectNode forked(Call call, String target, ObjectNode child) {
    try {
      JsonNode made = backend.post(call, target, child.deepCopy());
      return Backend.object().set("sandbox", shown.access(made, call.principal()));
    } catch (AtollException refused) {
      return refusal(refused);
    }
  }

  private static ObjectNode refusal(AtollException refused) {
    ObjectNode result = Backend.object();
    result
        .putObject("error")
        .put("code", refused.code().status())
        .put("message", refused.getMessage());
    return result;
  }

  private static ArrayNode answer(List<ObjectNode> results) {
    ArrayNode answer = JsonNodeFactory.instance.arrayNode();
    results.forEach(answer::add);
    return answer;
  }
}
