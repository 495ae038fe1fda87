package com.atoll.cli.http;

import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A failed call: what happened, what mends it, and the request id for the operator. */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int status;
  private final String code;
  private final @Nullable String fix;
  private final @Nullable String requestId;
  private final String reason;

  /** A failure that no answer came with, such as a refused connection. */
  public ApiException(String code, String message, @Nullable String fix) {
    this(0, code, message, fix, null, "");
  }

  private ApiException(
      int status,
      String code,
      String message,
      @Nullable String fix,
      @Nullable String requestId,
      String reason) {
    super(message);
    this.status = status;
    this.code = code;
    this.fix = fix;
    this.requestId = requestId;
    this.reason = reason;
  }

  /** Reads the error answer of the API, whichever of its forms it has. */
  static ApiException of(int status, @Nullable JsonNode body, @Nullable String requestIdHeader) {
    JsonNode root = body == null ? Json.object() : body;
    JsonNode error = root.path("error").isObject() ? root.path("error") : root;
    String code = Json.text(error, "code", Json.text(root, "code", "HTTP_" + status));
    String fallback =
        root.path("error").isString() ? root.path("error").asString() : "HTTP " + status;
    String message = Json.text(error, "message", Json.text(root, "message", fallback));
    String fields = fieldErrors(root.path("errors"));
    String fix = Json.text(error, "fix", Json.text(error.path("details"), "fix", ""));
    String requestId =
        Json.text(error, "request_id", requestIdHeader == null ? "" : requestIdHeader);
    return new ApiException(
        status,
        code,
        fields.isEmpty() ? message : message + " (" + fields + ")",
        fix.isEmpty() ? usualFix(status) : fix,
        requestId.isEmpty() ? null : requestId,
        Json.text(error.path("details"), "reason"));
  }

  /** What is wrong with which field: a map of them, or a list where one may be named twice. */
  private static String fieldErrors(JsonNode errors) {
    if (errors.isArray()) {
      return errors.values().stream()
          .map(each -> fieldError(Json.text(each, "field"), each.path("message")))
          .collect(Collectors.joining("; "));
    }
    return errors.properties().stream()
        .map(each -> fieldError(each.getKey(), each.getValue()))
        .collect(Collectors.joining("; "));
  }

  private static String fieldError(String field, JsonNode messages) {
    return field + ": " + (messages.isArray() ? messages.path(0) : messages).asString("");
  }

  private static @Nullable String usualFix(int status) {
    return switch (status) {
      case 401 -> "set ATOLL_API_KEY or pass --api-key; `./atoll status --json` shows the API";
      case 403 -> "use a key with more scopes: `atoll keys create NAME --scope SCOPE`";
      case 404 -> "check the id: `atoll sandbox ls`, `atoll deployments ls`";
      case 429 -> "wait a moment and repeat the command";
      default -> status >= 500 ? "look at `./atoll logs` with the request id" : null;
    };
  }

  /** HTTP status, or 0 when there was no answer. */
  public int status() {
    return status;
  }

  /** The error's code, from the closed family of the API. */
  public String code() {
    return code;
  }

  /** What tells apart refusals with the same code; empty for most. */
  public String reason() {
    return reason;
  }

  /** What to do about it, when that is known. */
  public @Nullable String fix() {
    return fix;
  }

  /** Names the failed request in the server's log. */
  public @Nullable String requestId() {
    return requestId;
  }
}
