package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An answer, with what was asked, so that a failing assertion tells the whole exchange. */
@SuppressWarnings("ArrayRecordComponent")
record Reply(String asked, int status, HttpHeaders headers, byte[] bytes) {
  static final JsonMapper JSON = JsonMapper.builder().build();

  String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  JsonNode json() {
    return JSON.readTree(bytes);
  }

  String string(String field) {
    JsonNode value = json().path(field);
    assertTrue(value.isValueNode() && !value.isNull(), () -> "no " + field + " in " + this);
    return value.asString();
  }

  String header(String name) {
    return headers.firstValue(name).orElse("");
  }

  Reply expect(int wanted) {
    assertEquals(wanted, status, this::toString);
    return this;
  }

  /** The answer is an error of the documented shape with this status and code. */
  Reply expectError(int wanted, String code) {
    expect(wanted);
    assertEquals(code, json().path("error").path("code").asString(), this::toString);
    assertEquals(code, string("code"), this::toString);
    assertTrue(!string("message").isBlank() && !string("request_id").isBlank(), this::toString);
    assertEquals(header("x-request-id"), string("request_id"), this::toString);
    return this;
  }

  /** The answer is a 422 that names this field. */
  Reply expectFieldError(String field) {
    expect(422);
    assertTrue(json().path("errors").has(field), () -> "errors names no " + field + ": " + this);
    return this;
  }

  @Override
  public String toString() {
    String body = text();
    return asked + " -> " + status + " " + (body.length() > 2000 ? body.substring(0, 2000) : body);
  }
}
