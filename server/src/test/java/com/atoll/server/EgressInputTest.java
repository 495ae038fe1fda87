package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What callers may write down about calls out. */
final class EgressInputTest {
  private static RunningPlatform running;
  private ApiClient api;

  @BeforeAll
  static void begin() throws Exception {
    running = new RunningPlatform();
  }

  @AfterAll
  static void end() throws Exception {
    running.close();
  }

  @BeforeEach
  void own() {
    api = running.owner();
  }

  private static String json(Object value) {
    return JsonMapper.shared().writeValueAsString(value);
  }

  private void wrong(String path, Map<String, ?> body, String field) {
    wrong(api.post(path, json(body)), field);
  }

  private static void wrong(Answer answer, String field) {
    assertEquals(422, answer.status(), answer.text());
    assertTrue(answer.json().path("errors").has(field), answer.text());
  }

  private JsonNode made(String path, Map<String, ?> body) {
    Answer answer = api.post(path, json(body));
    assertEquals(201, answer.status(), answer.text());
    return answer.json().path("data");
  }

  private List<JsonNode> read(String path, String list) {
    Answer answer = api.get(path);
    assertEquals(200, answer.status(), answer.text());
    return answer.json().path(list).valueStream().toList();
  }

  @Test
  void noSecretSaysWhereAMessageEndsOrWhomItIsFor() {
    for (String header : List.of("Content-Length", "host", "Transfer-Encoding", "Proxy-X", "TE")) {
      wrong("/egress/secrets", Map.of("name", "x", "value", "0", "header", header), "header");
    }
    made("/egress/secrets", Map.of("name", "x", "value", "0", "header", "X-Token"));
  }

  @Test
  void aSecretForHostsIsOneLine() {
    List<String> hosts = List.of("api.example.com");
    for (String value : List.of("a\nb", "-----BEGIN\nabc\n-----END\n", "a\r\nX: y", "€", " ")) {
      for (String type : List.of("api_key", "bearer")) {
        wrong(
            "/egress/secrets",
            Map.of("name", "x", "value", value, "type", type, "hosts", hosts),
            "value");
      }
    }
    made("/egress/secrets", Map.of("name", "x", "value", "a\nb"));
    made(
        "/egress/secrets",
        Map.of("name", "x", "value", "user:a\nb", "type", "basic", "hosts", hosts));
    String id =
        made("/egress/secrets", Map.of("name", "x", "value", "line\n", "hosts", hosts))
            .path("id")
            .asString();
    String one = "/egress/secrets/" + id;
    wrong(api.call("PATCH", one, json(Map.of("value", "a\nb"))), "value");
    assertEquals(1, api.get(one).json().path("data").path("version").asInt());
    assertEquals(200, api.call("PATCH", one, json(Map.of("value", "next"))).status());
    Map<String, Object> unsent = Map.of("value", "a\nb", "hosts", List.of());
    assertEquals(200, api.call("PATCH", one, json(unsent)).status());
    wrong(api.call("PATCH", one, json(Map.of("value", "a\nb", "hosts", hosts))), "value");
  }

  @Test
  void anUnfinishedNameIsNotEveryHost() {
    for (String host : List.of("*.", "*..", " *. ", "＊", "*.*", "**", ".", "*.example.com..")) {
      wrong("/egress/allowlist", Map.of("host", host), "host");
    }
    for (String host : List.of("*", "*.example.com", "*.example.com.", "Example.com.")) {
      String kept = made("/egress/allowlist", Map.of("host", host)).path("host").asString();
      assertEquals(host.toLowerCase(Locale.ROOT).replaceFirst("\\.$", ""), kept);
    }
  }

  @Test
  void noVariableOfASecretDecidesWhatProgramsRun() {
    for (String name : List.of("PATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "BASH_ENV", "ENV", "1")) {
      Map<String, Object> body =
          Map.of("name", "x", "value", "y", "resource_id", "sbx_1", "expose_as_env", name);
      wrong("/egress/secrets", body, "expose_as_env");
      wrong(
          "/egress/bindings",
          Map.of("secret_id", "egs_1", "resource_id", "sbx_1", "expose_as_env", name),
          "expose_as_env");
    }
  }

  @Test
  void aSecretOfAnUnknownWorkspaceIsRefused() {
    wrong(
        "/egress/secrets", Map.of("name", "x", "value", "y", "workspace_id", "w"), "workspace_id");
    String own = read("/workspaces", "data").getFirst().path("id").asString();
    made("/egress/secrets", Map.of("name", "x", "value", "y", "workspace_id", own));
  }

  @Test
  void aBindingThatDoesNothingSaysSo() {
    Map<String, String> plain = Map.of("name", "x", "value", "y");
    String idle = made("/egress/secrets", plain).path("id").asString();
    JsonNode bound = made("/egress/bindings", Map.of("secret_id", idle));
    assertTrue(bound.path("warning").asString().contains("no effect"), bound::toString);
    Map<String, Object> sent = Map.of("name", "x", "value", "y", "hosts", List.of("a.test"));
    String used = made("/egress/secrets", sent).path("id").asString();
    made("/egress/bindings", Map.of("secret_id", used));
    List<JsonNode> all = read("/egress/bindings", "bindings");
    assertEquals(2, all.size());
    for (JsonNode one : all) {
      assertEquals(one.path("secret_id").asString().equals(idle), !one.path("warning").isNull());
    }
  }

  @Test
  void aHostThatIsAnotherOneToBrowsersIsAskedForInAscii() {
    Answer rule = api.post("/egress/allowlist", json(Map.of("host", "fa\u00df.example")));
    wrong(rule, "host");
    assertTrue(rule.text().contains("xn--"), rule::text);
    Answer domain =
        api.call("PUT", "/tenant/preview-domain", json(Map.of("domain", "fa\u00df.example")));
    wrong(domain, "domain");
    assertTrue(domain.text().contains("xn--"), domain::text);
  }
}
