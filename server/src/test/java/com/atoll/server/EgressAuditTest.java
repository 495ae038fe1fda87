package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.Ids;
import com.atoll.model.OrganizationId;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What callers read of calls out. */
final class EgressAuditTest {
  private static RunningPlatform running;
  private ApiClient api;
  private OrganizationId org;

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
    org =
        new OrganizationId(
            api.get("/platform/tenants/current").json().path("data").path("id").asString());
  }

  private List<JsonNode> read(String path, String list) {
    Answer answer = api.get(path);
    assertEquals(200, answer.status(), answer.text());
    return answer.json().path(list).valueStream().toList();
  }

  private static void refused(Answer answer, String field) {
    assertEquals(422, answer.status(), answer.text());
    assertTrue(answer.json().path("errors").has(field), answer.text());
  }

  private void called(String action, String host, @Nullable String path, @Nullable String reason) {
    running
        .platform()
        .store()
        .execute(
            org,
            tx ->
                tx.sql()
                    .execute(
                        """
                        insert into egress_audit (id, org, resource_type, resource_id, workspace_id,
                          action, effect, protocol, host, method, path, reason, at)
                        values (?, ?, 'sandbox', 'sbx_1', 'w_1', ?, ?, 'http', ?, 'GET', ?, ?, now())\
                        """,
                        Ids.next("ega"),
                        org.value(),
                        action,
                        action.equals("allow") ? "allow" : "deny",
                        host,
                        path,
                        reason));
  }

  @Test
  void onlyWhatARuleWouldOpenIsSuggested() {
    called("fail", "", "/", "EGRESS_MALFORMED_REQUEST");
    called("deny", "host.test", "/", "EGRESS_ADDRESS_NOT_ALLOWED");
    called("deny", "two.test", "/", "EGRESS_HOST_MISMATCH");
    called("fail", "bytes.test", null, "EGRESS_NOT_TLS");
    called("deny", "shut.test", "/a/b", "EGRESS_HOST_NOT_ALLOWED");
    called("would_deny", "shut.test", "/a/b", null);
    called("deny", "a.part.test", "/v2/x/1", "EGRESS_HOST_NOT_ALLOWED");
    called("deny", "a.part.test", "/v2/x/2", "EGRESS_HOST_NOT_ALLOWED");
    called("deny", "a.part.test", "/v2/y", "EGRESS_HOST_NOT_ALLOWED");
    called("deny", "a.part.test", "/v2/y", "EGRESS_METHOD_NOT_ALLOWED");
    called("would_deny", "a.part.test", "/v2/z", "EGRESS_PATH_NOT_ALLOWED");
    called("deny", "shut.test", null, "EGRESS_PORT_NOT_ALLOWED");
    called("deny", "secret.test", "/", "EGRESS_SECRET_WOULD_SHOW");
    called("deny", "a.part.test", "/v2/w", "EGRESS_DENIED_BY_RULE");
    called("allow", "open.test", "/", null);
    String partly = "{\"host\":\"*.part.test\",\"path_glob\":\"/v1/**\"}";
    assertEquals(201, api.post("/egress/allowlist", partly).status());
    List<JsonNode> found = read("/egress/audit/suggestions?since=1h", "suggestions");
    assertEquals(2, found.size(), found::toString);
    assertEquals("a.part.test", found.getFirst().path("host").asString());
    assertEquals("/v2/**", found.getFirst().path("path_glob").asString());
    assertEquals(6, found.getFirst().path("denied_count").asInt());
    assertEquals("shut.test", found.get(1).path("host").asString());
    assertEquals(3, found.get(1).path("denied_count").asInt());
    assertTrue(found.get(1).path("path_glob").isNull(), found::toString);
  }

  @Test
  void anAddressThatNoRuleOpensIsNotSuggested() {
    for (String closed :
        List.of(
            "169.254.169.254",
            "169.254.169.254.",
            "127.0.0.1",
            "10.1.2.3",
            "10.200.3.4",
            "::1",
            "[fe80::1]",
            "2852039166",
            "0xa9fea9fe",
            "0251.0376.0251.0376",
            "169.254.43518")) {
      called("deny", closed, "/", "EGRESS_HOST_NOT_ALLOWED");
    }
    called("deny", "93.184.216.34", "/", "EGRESS_HOST_NOT_ALLOWED");
    called("deny", "7.test", "/", "EGRESS_HOST_NOT_ALLOWED");
    called("deny", "10.7.2.3", "/", "EGRESS_HOST_NOT_ALLOWED");
    List<String> hosts =
        read("/egress/audit/suggestions?since=1h", "suggestions").stream()
            .map(each -> each.path("host").asString())
            .toList();
    assertEquals(List.of("10.7.2.3", "7.test", "93.184.216.34"), hosts);
  }

  @Test
  void aSuggestionIsNotNarrowedByRulesOfOthers() {
    called("deny", "part.test", "/v2/x", "EGRESS_HOST_NOT_ALLOWED");
    Answer made = api.post("/workspaces", "{\"name\":\"other\",\"slug\":\"other\"}");
    assertEquals(201, made.status(), made.text());
    String rule =
        "{\"host\":\"part.test\",\"path_glob\":\"/v1/**\",\"resource_type\":\"workspace\",\"resource_id\":\"%s\"}"
            .formatted(
                made.json().path("data").path("id").asString(made.json().path("id").asString("")));
    assertEquals(201, api.post("/egress/allowlist", rule).status());
    List<JsonNode> found = read("/egress/audit/suggestions?since=1h", "suggestions");
    assertTrue(found.getFirst().path("path_glob").isNull(), found::toString);
  }

  @Test
  void theAuditIsAskedInWordsThatItKnows() {
    called("deny", "a.test", "/", null);
    called("deny", "a.test", "/", null);
    called("allow", "b.test", "/", null);
    called("would_deny", "c.test", "/", null);
    Map<String, Integer> counts =
        Map.ofEntries(
            Map.entry("action=deny", 2),
            // The MCP server's words.
            Map.entry("action=denied", 2),
            Map.entry("action=allowed", 1),
            Map.entry("action=would_deny", 1),
            Map.entry("resource_type=sandbox&resource_id=sbx_1", 4),
            Map.entry("resource_type=workspace&resource_id=w_1", 4),
            Map.entry("resource_type=workspace&resource_id=w_2", 0),
            Map.entry("resource_type=organization", 4),
            Map.entry("resource_type=computer", 0));
    counts.forEach((query, count) ->
        assertEquals(count, read("/egress/audit?" + query, "events").size(), query));
    refused(api.get("/egress/audit?action=bogus"), "action");
    refused(api.get("/egress/audit?resource_type=bogus"), "resource_type");
    refused(api.get("/egress/audit/suggestions?resource_type=bogus"), "resource_type");
    refused(api.get("/egress/audit?group_by=path"), "group_by");
  }

  @Test
  void theCallsOfAHostAreCounted() {
    called("deny", "a.test", "/1", null);
    called("allow", "b.test", "/", null);
    called("deny", "a.test", "/2", null);
    List<JsonNode> found = read("/egress/audit?group_by=host&since=1h", "events");
    assertEquals(2, found.size(), found::toString);
    assertEquals("a.test", found.getFirst().path("host").asString());
    assertEquals(2, found.getFirst().path("count").asInt());
    assertEquals("/2", found.getFirst().path("path").asString());
    assertEquals(1, found.get(1).path("count").asInt());
    assertTrue(read("/egress/audit", "events").getFirst().path("count").isNull());
    assertEquals(1, read("/egress/audit?group_by=host&limit=1", "events").size());
  }

  @Test
  void aDamagedCursorIsNoBeginning() {
    for (int i = 0; i < 3; i++) {
      called("deny", "a.test", "/", null);
    }
    JsonNode first = api.get("/egress/audit?limit=2").json();
    String next = first.path("next_cursor").asString();
    assertEquals(1, read("/egress/audit?limit=2&cursor=" + next, "events").size());
    for (String cursor : List.of("zzz", "xyz", "YWJj", "%25", next + "!", next.substring(2))) {
      Answer answer = api.get("/egress/audit?limit=2&cursor=" + cursor);
      assertEquals(400, answer.status(), cursor + answer.text());
      assertEquals("INVALID_PARAM", answer.code());
    }
    for (String list : List.of("/sandboxes", "/volumes", "/webhooks", "/api-keys")) {
      Answer answer = api.get(list + "?cursor=zzz");
      assertEquals(400, answer.status(), list + answer.text());
      assertEquals("INVALID_PARAM", answer.code());
    }
  }
}
