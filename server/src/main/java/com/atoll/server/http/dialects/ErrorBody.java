package com.atoll.server.http.dialects;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The body of an error: a superset that all clients read, with one exception. */
public final class ErrorBody {
  private ErrorBody() {}

  /** The body for this client. */
  public static ObjectNode of(
      JsonMapper json, Dialect dialect, AtollException e, String requestId) {
    ErrorCode code = e.code();
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    if (dialect == Dialect.E2B) {
      return body.put("code", code.status())
          .put("message", e.getMessage())
          .put("error_code", code.code());
    }
    if (dialect == Dialect.ELIXIR) {
      body.put("error", e.getMessage());
    } else {
      ObjectNode error = body.putObject("error");
      error.put("code", code.code()).put("message", e.getMessage()).put("request_id", requestId);
      error.put("retryable", code.retryable());
      error.put("fix", code.fix());
      error.put("doc_url", "/docs/errors/" + code.code());
      e.retryAfterSeconds()
          .ifPresent(s -> error.put("retry_after", s).put("retry_after_ms", s * 1000));
      if (!e.details().isEmpty()) {
        error.set("details", json.valueToTree(e.details()));
      }
      if (code == ErrorCode.TEMPLATE_IN_USE) {
        e.details().forEach((name, count) -> error.set(name, json.valueToTree(count)));
      }
    }
    body.put("message", e.getMessage()).put("code", code.code()).put("request_id", requestId);
    e.retryAfterSeconds().ifPresent(s -> body.put("retry_after", s));
    if (!e.details().isEmpty()) {
      body.set("details", json.valueToTree(e.details()));
    }
    if (!e.errors().isEmpty()) {
      body.set("errors", json.valueToTree(e.errors()));
    }
    if (!e.problems().isEmpty()) {
      body.set("errors", problems(json, dialect, e));
    }
    return body;
  }

  /** The Go SDK reads a list of texts. */
  private static JsonNode problems(JsonMapper json, Dialect dialect, AtollException e) {
    return json.valueToTree(
        dialect == Dialect.GO
            ? e.problems().stream().map(p -> p.field() + ": " + p.message()).toList()
            : e.problems());
  }
}
