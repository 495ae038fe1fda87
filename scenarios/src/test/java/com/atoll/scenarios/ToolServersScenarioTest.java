package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Tool servers of workspaces, tried against servers on loopback and in sandboxes. */
@Tag("fast")
@Tag("all")
@Timeout(180)
final class ToolServersScenarioTest {
  private final Given given = new Given();

  private Reply server(Map<String, Object> fields) {
    Map<String, Object> body = new HashMap<>(fields);
    body.putIfAbsent("name", Given.unique("tools"));
    return given.api.post("/mcp-servers", body);
  }

  private static JsonNode data(Reply reply) {
    return reply.json().path("data");
  }

  private JsonNode tried(String id) {
    return data(given.api.post("/mcp-servers/" + id + "/test", Map.of()).expect(200));
  }

  @Test
  void aRemoteServerIsGreetedAndItsToolsAreListed() {
    String token = Given.unique("token");
    for (String path : List.of("/mcp", "/stream")) {
      try (ToolServer remote = new ToolServer(token)) {
        Reply made =
            server(
                    Map.of(
                        "url", remote.url(path),
                        "headers_template", Map.of("Authorization", "Bearer {{TOKEN}}"),
                        "secrets", Map.of("TOKEN", token)))
                .expect(201);
        assertFalse(made.text().contains(token));
        String id = data(made).path("id").asString();
        assertEquals("untested", data(made).path("status").asString());
        JsonNode found = tried(id);
        assertTrue(found.path("ok").asBoolean(), found::toString);
        assertEquals("loop", found.path("server_name").asString());
        assertEquals(
            List.of("add", "multiply"),
            found.path("tools").valueStream().map(t -> t.path("name").asString()).toList());
        assertEquals(
            List.of(
                "initialize",
                "notifications/initialized",
                "tools/list",
                "tools/list",
                "DELETE session-1"),
            remote.heard());
        Reply shown = given.api.get("/mcp-servers/" + id).expect(200);
        assertEquals("ready", data(shown).path("status").asString(), shown::toString);
        assertFalse(shown.text().contains(token));
        assertTrue(given.api.get("/mcp-servers?status=ready").text().contains(id));
        // Another secret makes it another server.
        Reply changed =
            given.api.json(
                "PATCH",
                "/mcp-servers/" + id,
                Map.of("secrets", Map.of("TOKEN", "wrong")),
                Map.of());
        assertEquals("untested", data(changed.expect(200)).path("status").asString());
        JsonNode refused = tried(id);
        assertFalse(refused.path("ok").asBoolean());
        assertEquals(401, refused.path("status_code").asInt());
        given.stranger.get("/mcp-servers/" + id).expect(404);
        given.api.delete("/mcp-servers/" + id).expect(204);
        given.api.get("/mcp-servers/" + id).expect(404);
      }
    }
  }

  @Test
  void aProgramIsTriedInASandboxThatLivesOnlyForIt() {
    String program =
        """
        import json, os, sys
        for line in sys.stdin:
            m = json.loads(line)
            if m["method"] == "initialize":
                r = {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {"name": os.environ["WHO"], "version": "1"}}
            elif m["method"] == "tools/list":
                r = {"tools": [{"name": "say", "description": "it's said"}]}
            else:
                continue
            print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": r}), flush=True)
        """;
    Reply made =
        server(
                Map.of(
                    "command", "python3",
                    "args", List.of("-c", program),
                    "secrets", Map.of("WHO", "a secret name"),
                    "secret_env", List.of("WHO")))
            .expect(201);
    assertEquals("stdio", data(made).path("transport").asString());
    String id = data(made).path("id").asString();
    JsonNode found = tried(id);
    assertTrue(found.path("ok").asBoolean(), found::toString);
    assertEquals("a secret name", found.path("server_name").asString());
    assertEquals("say", found.path("tools").get(0).path("name").asString());
    assertFalse(given.api.get("/sandboxes?limit=100").text().contains("trial of a tool server"));
    Map<String, Object> other = Map.of("command", "no-such-program", "args", List.of());
    given.api.json("PATCH", "/mcp-servers/" + id, other, Map.of()).expectFieldError("secret_env");
    // Another program is not told the secrets of this one.
    Map<String, Object> missing = new HashMap<>(other);
    missing.put("secrets", Map.of("WHO", "another name"));
    given.api.json("PATCH", "/mcp-servers/" + id, missing, Map.of()).expect(200);
    JsonNode refused = tried(id);
    assertFalse(refused.path("ok").asBoolean());
    assertTrue(refused.path("error").asString().contains("no-such-program"), refused::toString);
    given.api.delete("/mcp-servers/" + id).expect(204);
  }

  @Test
  void anEntryOfTheCatalogueIsTriedAndInstalled() {
    Reply catalogue = given.api.get("/mcp-catalog").expect(200);
    assertTrue(catalogue.json().path("total").asInt() > 10);
    assertTrue(catalogue.json().path("categories").size() > 3);
    try (ToolServer remote = new ToolServer("msk_walk")) {
      String base = remote.url("");
      // Its path is that of an installation: not there.
      Map<String, Object> values = Map.of("base_url", base, "api_key", "msk_walk");
      JsonNode tried =
          data(given.api.post("/mcp-catalog/atoll/test", Map.of("values", values)).expect(200));
      assertEquals(404, tried.path("status_code").asInt(), tried::toString);
      String name = Given.unique("installed");
      Map<String, Object> wish = Map.of("values", values, "name", name);
      Map<String, String> key = Map.of("Idempotency-Key", name);
      Reply made = given.api.json("POST", "/mcp-catalog/atoll/install", wish, key).expect(201);
      assertEquals(
          made.json(),
          given.api.json("POST", "/mcp-catalog/atoll/install", wish, key).expect(201).json());
      assertEquals("api_key", made.json().path("secrets").get(0).asString());
      assertEquals(base + "/api/v1/mcp", data(made).path("url").asString());
      String id = data(made).path("id").asString();
      assertTrue(given.api.get("/mcp-catalog").text().contains(id));
      assertFalse(given.stranger.get("/mcp-catalog").text().contains(id));
      given.api.delete("/mcp-servers/" + id).expect(204);
    }
    given.api.post("/mcp-catalog/nothing/install", Map.of()).expect(404);
    given.api.post("/mcp-catalog/github/install", Map.of()).expectFieldError("values");
    given
        .api
        .post("/mcp-catalog/github/install", Map.of("method", "magic"))
        .expectFieldError("method");
    given
        .api
        .post("/mcp-catalog/time/test", Map.of("values", Map.of("what", "x")))
        .expectFieldError("values");
  }

  @Test
  void badServersAreRefusedAndNamed() {
    server(Map.of("url", "https://10.0.0.1/mcp")).expectFieldError("url");
    server(Map.of("url", "https://[::1]/mcp")).expectFieldError("url");
    server(Map.of()).expectFieldError("url");
    server(Map.of("transport", "stdio")).expectFieldError("command");
    server(Map.of("transport", "pigeon")).expectFieldError("transport");
    String good = "https://tools.example.test/mcp";
    server(Map.of("url", good, "headers_template", Map.of("A", "{{NONE}}")))
        .expectFieldError("headers_template");
    server(Map.of("url", good, "headers_template", Map.of("Host", "x")))
        .expectFieldError("headers");
    server(Map.of("url", good, "auth", Map.of("type", "bearer", "token", "x")))
        .expectFieldError("auth");
    server(Map.of("url", good, "secret_headers", List.of("X"))).expectFieldError("secret_headers");
    server(Map.of("url", good, "secrets", Map.of("a b", "x"))).expectFieldError("secrets");
    String name = Given.unique("once");
    Reply made = server(Map.of("url", good, "name", name)).expect(201);
    server(Map.of("url", good, "name", name)).expectError(409, "NAME_TAKEN");
    String id = data(made).path("id").asString();
    Reply sse = given.api.json("PATCH", "/mcp-servers/" + id, Map.of("transport", "sse"), Map.of());
    assertEquals(200, sse.status());
    given.api.post("/mcp-servers/" + id + "/test", Map.of()).expectFieldError("transport");
    given.api.delete("/mcp-servers/" + id).expect(204);
  }
}
