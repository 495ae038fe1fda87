package com.atoll.edge.routes;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the edge asks the server. A question outlives the server's restart: it is asked again, and
 * fails when the server stays away or does not answer.
 */
final class Questions {
  private static final long ANSWER_DEADLINE_MS = 30_000;

  /** How long a question waits for the server to come back; a restart takes about one second. */
  private static final long AWAY_DEADLINE_MS = 3_000;

  private static final int MOST = 2_048;

  private final Link link;
  private final Map<String, Question> open = new ConcurrentHashMap<>();
  private final AtomicLong sequence = new AtomicLong();

  private record Question(ObjectNode message, long askedAt, CompletableFuture<JsonNode> answer) {}

  Questions(Link link) {
    this.link = link;
  }

  /** A question of this type about a sandbox; the caller adds what else belongs to it. */
  static ObjectNode about(String type, String sandboxId) {
    return RouteJson.JSON.createObjectNode().put("type", type).put("sandbox_id", sandboxId);
  }

  /** Asks; fails when the server is away for long or too much is asked. */
  CompletableFuture<JsonNode> ask(ObjectNode question) {
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    if (link.isAwayFor(AWAY_DEADLINE_MS) || open.size() >= MOST) {
      answer.completeExceptionally(new IOException("the server is away"));
      return answer;
    }
    String request = "r" + sequence.incrementAndGet();
    question.put("request", request);
    // Known before it is sent: whoever connects anew meanwhile asks it again.
    open.put(request, new Question(question, System.nanoTime(), answer));
    link.send(question);
    return answer;
  }

  /** The server's answer to one of them. */
  void answered(JsonNode message) {
    Question question = open.remove(message.path("request").asString(""));
    if (question != null) {
      question.answer().complete(message);
    }
  }

  /** A server that has just come does not know what the last one was asked. */
  void askAgain(FeedConnection now) {
    for (Question question : open.values()) {
      now.send(question.message());
    }
  }

  /** Fails those that were open for too long. */
  void giveUp() {
    boolean away = link.isAwayFor(AWAY_DEADLINE_MS);
    long now = System.nanoTime();
    open.values()
        .removeIf(question -> {
          if (away
              || now - question.askedAt() > TimeUnit.MILLISECONDS.toNanos(ANSWER_DEADLINE_MS)) {
            question.answer().completeExceptionally(new IOException("no answer"));
            return true;
          }
          return false;
        });
  }
}
