package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Tools over HTTP are operations with all their checks. */
@Tag("fast")
@Tag("all")
@Timeout(60)
final class McpScenarioTest {
  private final Given given = new Given();

  private static Map<String, Object> message(String method, Map<String, Object> params) {
    Map<String, Object> message = new HashMap<>();
    message.put("jsonrpc", "2.0");
    message.put("id", 7);
    message.put("method", method);
    message.put("params", params);
    return message;
  }

  private JsonNode result(Api api, String method, Map<String, Object> params) {
    JsonNode answer = api.post("/mcp", message(method, params)).expect(200).json();
    assertEquals(7, answer.path("id").asInt());
    return answer.path("result");
  }

  private JsonNode call(Api api, String tool, Map<String, Object> arguments) {
    return result(api, "tools/call", Map.of("name", tool, "arguments", arguments));
  }

  @Test
  void aFileIsWrittenAndReadByTools() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      Map<String, Object> file = new HashMap<>();
      file.put("id", sandbox.id());
      file.put("path", "/workspace/t.txt");
      file.put("content", "by a tool");
      JsonNode tools = result(given.api, "tools/list", Map.of()).path("tools");
      assertTrue(tools.size() > 30, tools::toString);
      JsonNode wrote = call(given.api, "sandbox_write_file", file);
      assertFalse(wrote.path("isError").asBoolean(), wrote::toString);
      file.remove("content");
      JsonNode read = call(given.api, "sandbox_read_file", file);
      assertEquals("by a tool", read.path("content").get(0).path("text").asString());
    }
  }

  @Test
  void aToolMeetsTheChecksOfItsOperation() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      Map<String, Object> command = Map.of("id", sandbox.id(), "command", "true");
      JsonNode foreign = call(given.stranger, "sandbox_exec", command);
      assertTrue(foreign.path("isError").asBoolean());
      assertTrue(foreign.toString().contains("sandbox_not_found"), foreign::toString);
      JsonNode key =
          given
              .api
              .post("/api-keys", Map.of("name", "reader", "scopes", List.of("sandboxes:read")))
              .expect(201)
              .json()
              .path("data");
      Api reader = given.api.withKey(key.path("key").asString());
      JsonNode refused = call(reader, "sandbox_exec", command);
      assertTrue(refused.toString().contains("insufficient_scope"), refused::toString);
      assertFalse(result(reader, "tools/list", Map.of()).toString().contains("\"sandbox_exec\""));
      given.api.delete("/api-keys/" + key.path("id").asString()).expect(204);
    }
  }

  @Test
  void wrongMessagesAreAnsweredAsTheProtocolSays() {
    JsonNode unknown = given.api.post("/mcp", message("no/such", Map.of())).expect(200).json();
    assertEquals(-32601, unknown.path("error").path("code").asInt());
    JsonNode tool =
        given.api.post("/mcp", message("tools/call", Map.of("name", "rm"))).expect(200).json();
    assertEquals(-32602, tool.path("error").path("code").asInt());
    JsonNode missing = call(given.api, "sandbox_exec", Map.of("command", "true"));
    assertTrue(missing.path("isError").asBoolean());
    JsonNode escaped =
        call(given.api, "sandbox_get", Map.of("id", "../api-keys?x=\r\nHost: other"));
    assertTrue(escaped.path("isError").asBoolean(), escaped::toString);
    given.api.post("/mcp", Map.of("method", "notifications/initialized")).expect(202);
    given.api.post("/mcp", Map.of("params", Map.of())).expectFieldError("method");
    given.api.withKey("").post("/mcp", message("ping", Map.of())).expect(401);
    Reply frame =
        given.api.send(
            "POST",
            "/mcp",
            BodyPublishers.ofByteArray(Reply.JSON.writeValueAsBytes(message("ping", Map.of()))),
            Map.of("Accept", "text/event-stream"));
    assertTrue(frame.expect(200).text().startsWith("event: message\ndata: {"), frame::toString);
  }
}
