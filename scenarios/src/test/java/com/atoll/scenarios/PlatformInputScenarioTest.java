package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything around resources names the field that is wrong, and the parameter. */
@Tag("fast")
@Tag("all")
final class PlatformInputScenarioTest {
  private static final List<String> SOME = List.of("sandboxes:read");
  private final Given given = new Given();

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of("/workspaces", Map.of(), "name", List.of("", 7, "x".repeat(300), "\0")),
        Arguments.of("/workspaces", Map.of("name", "w"), "slug", List.of("..", "A b", 5)),
        Arguments.of("/workspaces", Map.of("name", "w"), "metadata", List.of("x", Map.of("a", 1))),
        Arguments.of("/projects", Map.of(), "name", List.of("", 7, "x".repeat(300))),
        Arguments.of("/projects", Map.of("name", "p"), "metadata", List.of(List.of(), "x")),
        Arguments.of("/api-keys", Map.of(), "name", List.of("", 7)),
        Arguments.of("/api-keys", Map.of("name", "k"), "scopes", List.of("x", List.of(7))),
        Arguments.of("/api-keys", Map.of("name", "k"), "expires_at", List.of("soon", 7)),
        Arguments.of("/api-keys", Map.of("name", "k"), "rate_limit_rpm", List.of(-1, "x", 1.5)),
        Arguments.of("/api-keys/presets", Map.of("scopes", SOME), "name", List.of("", "a/b", 7)),
        Arguments.of("/api-keys/presets", Map.of("name", "p"), "scopes", List.of("x", List.of())),
        Arguments.of(
            "/api-keys/scoped", Map.of("scopes", SOME), "external_user_id", List.of("", 7)),
        Arguments.of("/service-accounts", Map.of(), "name", List.of("", 7)),
        Arguments.of("/tokens/scoped", Map.of("workspace_id", "w"), "user_id", List.of("", 7)),
        Arguments.of("/tenant/members", Map.of(), "email", List.of("x", "a@", 7)),
        Arguments.of("/tenant/members", Map.of("email", "a@b.test"), "role", List.of("boss", 7)),
        Arguments.of("/webhooks", Map.of("events", List.of("sandbox.*")), "url", hostileUrls()),
        Arguments.of("/webhooks", hook(), "events", List.of("x", List.of(), List.of(7))),
        Arguments.of("/webhooks", hook(), "retry_count", List.of(-1, 11, "x")),
        Arguments.of(
            "/webhooks", hook(), "headers", List.of(Map.of("a b", "x"), Map.of("x", "a\r\nb"))),
        Arguments.of("/health-checks", Map.of("name", "h"), "url", List.of("", "ftp://x", 7)),
        Arguments.of("/health-checks", check(), "interval_sec", List.of(0, -5, "x", 1.5)),
        Arguments.of("/health-checks", check(), "expected_status", List.of(0, 1000)),
        Arguments.of("/budgets", Map.of("cap_cents", 1), "scope", List.of("galaxy", 7)),
        Arguments.of(
            "/budgets", Map.of("scope", "organization"), "cap_cents", List.of(-1, 1.5, "x")),
        Arguments.of("/budgets", budget(), "thresholds", List.of("x", List.of(0), List.of(2000))),
        Arguments.of("/actions/grants", grant(), "expires_at", List.of("x", 7)),
        Arguments.of("/event-subscriptions", listener(), "consumer_kind", List.of("x", 7)));
  }

  private static List<Object> hostileUrls() {
    return List.of("", 7, "ftp://x", "https://10.0.0.1/", "https://[::1]/", "https://u:p@a.test/");
  }

  private static Map<String, Object> hook() {
    return Map.of("url", "https://example.com/");
  }

  private static Map<String, Object> check() {
    return Map.of("name", "h", "url", "https://example.com/");
  }

  private static Map<String, Object> budget() {
    return Map.of("scope", "organization", "cap_cents", 1);
  }

  private static Map<String, Object> listener() {
    return Map.of("consumer_id", "me", "event_type", "sandbox.*");
  }

  private static Map<String, Object> grant() {
    return Map.of("capability", "sandbox.exec", "principal_type", "api_key", "principal_id", "k");
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void aWrongFieldIsNamed(String path, Map<String, Object> right, String field, List<Object> bad) {
    for (Object value : bad) {
      Map<String, Object> body = new HashMap<>(right);
      if (path.equals("/webhooks")) {
        body.putIfAbsent("events", List.of("sandbox.*"));
      }
      body.put(field, value);
      given.api.post(path, body).expectFieldError(field);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/workspaces",
        "/projects",
        "/api-keys",
        "/service-accounts",
        "/tokens/scoped",
        "/webhooks",
        "/health-checks",
        "/audit-log",
        "/usage/sessions",
        "/credits/transactions",
        "/notifications",
        "/alerts",
        "/activity",
        "/actions/receipts",
        "/event-subscriptions",
        "/budgets",
        "/snapshots",
        "/snapshots/groups"
      })
  void aWrongPageIsNamed(String path) {
    for (String query :
        List.of(
            "limit=-1", "limit=many", "page=0", "per_page=-5", "offset=-1", "cursor=%E2%98%83")) {
      Reply reply = given.api.get(path + "?" + query);
      reply.expectError(400, "INVALID_PARAM");
      String name = query.substring(0, query.indexOf('='));
      assertTrue(reply.text().contains(name), reply::toString);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/alerts?severity=mild",
        "/alerts?resolved=maybe",
        "/health-checks?status=well",
        "/usage?group_by=color",
        "/usage?period=yesterday",
        "/audit-log?since=nope",
        "/webhooks?active=maybe"
      })
  void aFilterThatCannotMatchIsRefused(String path) {
    given.api.get(path).expectError(400, "INVALID_PARAM");
  }

  @Test
  void aTypeOfEventThatNeverComesIsRefused() {
    for (String type : List.of("sandbox.craeted", "nothing.*", "sandbox.exploded")) {
      Map<String, Object> wish = Map.of("url", "https://example.com/", "events", List.of(type));
      given.api.post("/webhooks", wish).expectError(422, "UNKNOWN_EVENT_TYPE");
    }
  }

  @Test
  void textOfEveryKindIsKeptAsItIs() {
    String name = "Ünïcødé 🏝 \u202e".strip() + System.nanoTime();
    Reply made =
        given.api.post("/projects", Map.of("name", name, "description", "日本語")).expect(201);
    String at = "/projects/" + made.json().path("data").path("id").asString();
    assertEquals(name, given.api.get(at).json().path("data").path("name").asString());
    assertFalse(made.json().path("data").path("slug").asString().isBlank());
    given.api.delete(at).expect(204);
  }
}
