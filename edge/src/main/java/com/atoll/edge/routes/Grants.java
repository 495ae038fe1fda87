package com.atoll.edge.routes;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Whether tokens open private ports. Many callers with one token make one question. */
final class Grants {
  private final Questions questions;
  private final Map<String, CompletableFuture<Grant>> open = new ConcurrentHashMap<>();

  Grants(Questions questions) {
    this.questions = questions;
  }

  CompletableFuture<Grant> grant(String sandboxId, int port, String token) {
    return open.computeIfAbsent(
        sandboxId + ':' + port + ':' + token,
        key -> {
          CompletableFuture<Grant> answer =
              questions
                  .ask(Questions.about("grant", sandboxId).put("port", port).put("token", token))
                  .handle((json, failure) -> granted(json, failure, token));
          answer.whenCompleteAsync((grant, failure) -> open.remove(key));
          return answer;
        });
  }

  private static Grant granted(
      @Nullable JsonNode answer, @Nullable Throwable failure, String token) {
    if (failure != null || answer == null) {
      return new Grant.Away();
    }
    if (!answer.path("ok").asBoolean(false)) {
      return new Grant.Denied();
    }
    String cookie = answer.path("cookie").asString("");
    long expires = answer.path("expires_unix_ms").asLong(0);
    return new Grant.Allowed(
        expires,
        answer.path("until_unix_ms").asLong(expires),
        cookie.isEmpty() ? token : cookie,
        answer.path("read_only").asBoolean(false));
  }
}
