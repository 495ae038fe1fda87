package com.atoll.edge.routes;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Ports whose services are just starting. Many callers at one port make one question. */
final class Starts {
  /** The server answers within 10 s. */
  private static final long PATIENCE_SECONDS = 12;

  private final Questions questions;
  private final Map<String, CompletableFuture<Boolean>> open = new ConcurrentHashMap<>();

  Starts(Questions questions) {
    this.questions = questions;
  }

  /** Completes, never with a failure, when the port listens or is not to be waited for. */
  CompletableFuture<Boolean> await(String sandboxId, int port) {
    return open.computeIfAbsent(
        sandboxId + ':' + port,
        key -> {
          CompletableFuture<Boolean> answer =
              questions
                  .ask(Questions.about("listens", sandboxId).put("port", port))
                  .handle((json, failure) -> json != null && json.path("ok").asBoolean(false))
                  .completeOnTimeout(false, PATIENCE_SECONDS, TimeUnit.SECONDS);
          answer.whenCompleteAsync((listens, failure) -> open.remove(key));
          return answer;
        });
  }
}
