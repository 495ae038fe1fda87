package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.InnerCalls;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Our own operations, asked with the key of an SDK's request. */
final class Backend {
  private static final int MOST_DETAIL = 500;

  private final InnerCalls inner;

  Backend(InnerCalls inner) {
    this.inner = inner;
  }

  JsonNode get(Call call, String target) {
    return ask(call, "GET", target, null);
  }

  JsonNode post(Call call, String target, ObjectNode body) {
    return ask(call, "POST", target, body);
  }

  /** The same, with what is said besides the body. */
  JsonNode post(Call call, String target, ObjectNode body, Object given) {
    return checked(inner.send(call, "POST", target, body, Map.of(), given));
  }

  JsonNode patch(Call call, String target, ObjectNode body) {
    return ask(call, "PATCH", target, body);
  }

  /** Changes something, with what is said besides the body. */
  void patch(Call call, String target, ObjectNode body, Object given) {
    checked(inner.send(call, "PATCH", target, body, Map.of(), given));
  }

  /** Replaces something by what is said besides the body. */
  void put(Call call, String target, ObjectNode body, Object given) {
    checked(inner.send(call, "PUT", target, body, Map.of(), given));
  }

  void delete(Call call, String target) {
    ask(call, "DELETE", target, null);
  }

  /**
   * What was created.
   *
   * @param again whether it was there already, by an earlier request with the same key
   */
  record Created(JsonNode body, boolean again) {}

  /** Creates something, at most once for the Idempotency-Key of the request. */
  Created create(Call call, String target, ObjectNode body) {
    return create(call, target, body, null);
  }

  /**
   * The same.
   *
   * @param given what is said besides the body
   */
  Created create(Call call, String target, ObjectNode body, @Nullable Object given) {
    String key = call.header("Idempotency-Key");
    Map<String, String> headers = key == null ? Map.of() : Map.of("Idempotency-Key", key);
    InnerCalls.Reply reply = inner.send(call, "POST", target, body, headers, given);
    return new Created(checked(reply), reply.replayed());
  }

  private JsonNode ask(Call call, String method, String target, @Nullable ObjectNode body) {
    return checked(inner.send(call, method, target, body, Map.of()));
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static JsonNode checked(InnerCalls.Reply reply) {
    if (reply.ok()) {
      return reply.body();
    }
    AtollException refusal = reply.refusal();
    AtollException mine =
        AtollException.withMessage(
            code(refusal.code()), refusal.getMessage() + problems(reply.body().path("errors")));
    throw refusal.retryAfterSeconds().isPresent()
        ? mine.retryAfter(refusal.retryAfterSeconds().getAsInt())
        : mine;
  }

  /** What was wrong in detail: on this wire only the message tells it. */
  private static String problems(JsonNode errors) {
    StringBuilder all = new StringBuilder();
    for (JsonNode error : errors) {
      if (error.isObject() && all.length() < MOST_DETAIL) {
        all.append(' ')
            .append(error.path("field").asString(""))
            .append(' ')
            .append(error.path("message").asString(""))
            .append('.');
      }
    }
    return all.toString();
  }

  /** What is wrong with a request is 400 on this wire, and what is destroyed is not found. */
  private static ErrorCode code(ErrorCode code) {
    if (code == ErrorCode.SANDBOX_DESTROYED) {
      return ErrorCode.SANDBOX_NOT_FOUND;
    }
    return code.status() == 422 ? ErrorCode.INVALID_REQUEST : code;
  }
}
