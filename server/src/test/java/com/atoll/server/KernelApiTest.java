package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import com.atoll.server.testing.RawConnection;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class KernelApiTest {
  private static RunningPlatform running;

  @BeforeAll
  static void start() throws Exception {
    running = new RunningPlatform();
  }

  @AfterAll
  static void stop() throws Exception {
    running.close();
  }

  @Test
  void anAdminKeyReadsItsOrganization() {
    Answer answer = running.owner().get("/platform/tenants/current");
    assertEquals(200, answer.status());
    assertEquals(answer.json().get("id"), answer.json().get("data").get("id"));
    assertTrue(answer.header("x-request-id").startsWith("req_"));
    assertEquals("*", answer.header("access-control-allow-origin"));
  }

  @Test
  void theDoubledPrefixIsCollapsed() {
    assertEquals(200, running.owner().get("/api/v1/credits/balance").status());
  }

  @Test
  void aMissingCredentialAndAnUnknownKeyAreTwoErrors() {
    assertEquals("UNAUTHORIZED", running.client().get("/api-keys").code());
    Answer unknown = running.client().as("msk_u_" + "x".repeat(43)).get("/api-keys");
    assertEquals(401, unknown.status());
    assertEquals("invalid_token", unknown.code());
    assertEquals("invalid_token", running.client().as("nonsense").get("/api-keys").code());
  }

  @Test
  void aTimeThatNobodyCanKeepIsRefusedWithItsName() {
    ApiClient owner = running.owner();
    for (String time :
        List.of(
            "garbage",
            "-999999999-01-01T00:00:00Z",
            "%2B999999999-12-31T23:59:59Z",
            "-5000-01-01T00:00:00Z")) {
      wrongTime(owner, "/egress/audit", "since", time);
      wrongTime(owner, "/egress/audit", "until", time);
      wrongTime(owner, "/egress/audit/suggestions", "since", time);
      wrongTime(owner, "/audit-log", "since", time);
      wrongTime(owner, "/audit-log", "until", time);
      wrongTime(owner, "/sandboxes", "started_after", time);
      String body =
          "{\"name\":\"s\",\"value\":\"v\",\"expires_at\":\"%s\"}"
              .formatted(time.replace("%2B", "+"));
      Answer refused = owner.post("/egress/secrets", body);
      assertEquals(422, refused.status(), refused.text());
      assertTrue(refused.json().path("errors").has("expires_at"), refused.text());
    }
    wrongTime(owner, "/egress/audit", "since", "999999w");
    wrongTime(owner, "/usage", "period", "%2B999999999-12");
    assertEquals(200, owner.get("/audit-log?since=2020-01-01T00:00:00+18:00").status());
  }

  private static void wrongTime(ApiClient owner, String path, String name, String time) {
    Answer refused = owner.get(path + "?" + name + "=" + time);
    assertEquals(400, refused.status(), () -> path + " " + name + " " + refused.text());
    assertTrue(refused.text().contains(name), refused.text());
  }

  @Test
  void unknownRoutesAndMethodsAreCoded() {
    assertEquals("NOT_FOUND", running.client().get("/nothing/here").code());
    Answer method = running.client().delete("/healthz");
    assertEquals(405, method.status());
    assertEquals("GET", method.header("allow"));
  }

  @Test
  void theElixirClientReadsErrorAsText() {
    JsonNode body = running.client().with("User-Agent", "miosa-elixir/1.0").get("/api-keys").json();
    assertTrue(body.get("error").isString());
    assertEquals("UNAUTHORIZED", body.get("code").asString());
  }

  @Test
  void aKeyIsMadeShownOnceUsedAndRevoked() {
    ApiClient owner = running.owner();
    JsonNode made = owner.post("/api-keys", "{\"name\":\"ci\",\"unknown\":1}").json().get("data");
    String secret = made.get("key").asString();
    assertEquals(secret, made.get("token").asString());
    assertTrue(secret.startsWith(made.get("key_prefix").asString()));
    ApiClient user = running.client().as(secret);
    assertEquals(200, user.get("/credits/balance").status());
    String id = made.get("id").asString();
    assertFalse(owner.get("/api-keys/" + id).json().get("data").has("key"));
    assertEquals(204, owner.delete("/api-keys/" + id).status());
    assertEquals("invalid_token", user.get("/credits/balance").code());
    assertEquals(404, owner.delete("/api-keys/" + id).status());
  }

  @Test
  void listsHaveExactlyDataAndMetaAndPageInEveryStyle() {
    ApiClient owner = running.owner();
    for (int i = 0; i < 5; i++) {
      assertEquals(201, owner.post("/api-keys", "{\"name\":\"k" + i + "\"}").status());
    }
    JsonNode first = owner.get("/api-keys?limit=2").json();
    assertEquals(2, first.size());
    assertEquals(6, first.get("meta").get("total").asInt());
    String cursor = first.get("meta").get("next_cursor").asString();
    JsonNode byCursor = owner.get("/api-keys?limit=2&cursor=" + cursor).json();
    JsonNode byPage = owner.get("/api-keys?per_page=2&page=2").json();
    JsonNode byOffset = owner.get("/api-keys?limit=2&offset=2").json();
    assertEquals(byCursor.get("data"), byPage.get("data"));
    assertEquals(byCursor.get("data"), byOffset.get("data"));
    assertNotEquals(first.get("data"), byPage.get("data"));
    assertEquals(400, owner.get("/api-keys?cursor=%00").status());
    assertEquals("INVALID_PARAM", owner.get("/api-keys?limit=x").code());
  }

  @Test
  void wrongTypesAreNamedFieldByField() {
    Answer answer =
        running.owner().post("/api-keys", "{\"name\":7,\"scopes\":\"all\",\"purpose\":\"x\"}");
    assertEquals(422, answer.status());
    JsonNode errors = answer.json().get("errors");
    assertEquals("must be a string", errors.get("name").get(0).asString());
    assertTrue(errors.has("scopes"));
    assertTrue(errors.has("purpose"));
  }

  @Test
  void brokenBodiesAreCoded() {
    ApiClient owner = running.owner();
    assertEquals("INVALID_JSON", owner.post("/api-keys", "{\"name\":").code());
    assertEquals("INVALID_JSON", owner.post("/api-keys", "[]").code());
    assertEquals(422, owner.post("/api-keys", "null").status());
    assertEquals(
        413, owner.post("/api-keys", "{\"name\":\"" + "x".repeat(2 << 20) + "\"}").status());
    assertEquals(422, owner.post("/api-keys", "{\"name\":\"a\\u0000b\"}").status());
    assertEquals(422, owner.post("/api-keys", "{\"name\":\"\\ud800\"}").status());
    assertEquals(400, owner.post("/api-keys", "[".repeat(5000)).status());
  }

  @Test
  void anEmptyAndANullBodyAreAcceptedWhereNothingIsRequired() {
    ApiClient owner = running.owner();
    for (String body : new String[] {"", "{}", "null"}) {
      assertEquals(200, owner.post("/auth/sse-ticket", body).status());
    }
  }

  @Test
  void aKeyWithScopesIsHeldToThem() {
    ApiClient owner = running.owner();
    String secret =
        owner
            .post("/api-keys", "{\"name\":\"r\",\"scopes\":[\"sandboxes:read\"]}")
            .json()
            .get("data")
            .get("key")
            .asString();
    Answer answer = running.client().as(secret).get("/api-keys");
    assertEquals(403, answer.status());
    assertEquals("insufficient_scope", answer.code());
  }

  @Test
  void aKeyForAnEndUserSeesOnlyWhatBelongsToThatUser() {
    ApiClient owner = running.owner();
    String body = "{\"external_user_id\":\"u1\",\"scopes\":[\"keys:read\",\"keys:write\"]}";
    JsonNode scoped = owner.post("/api-keys/scoped", body).json().get("data");
    ApiClient user = running.client().as(scoped.get("key").asString());
    JsonNode seen = user.get("/api-keys").json().get("data");
    assertEquals(1, seen.size());
    assertEquals(scoped.get("id"), seen.get(0).get("id"));
    JsonNode child = user.post("/api-keys", "{\"name\":\"child\"}").json().get("data");
    assertEquals("u1", child.get("external_user_id").asString());
    assertEquals(
        403, user.post("/api-keys", "{\"name\":\"x\",\"scopes\":[\"sandboxes:read\"]}").status());
  }

  @Test
  void aRotatedKeyEndsItsOldSecretAndItsStoredAnswer() {
    ApiClient owner = running.owner();
    ApiClient keyed = owner.with("Idempotency-Key", "rotate-me");
    JsonNode made = keyed.post("/api-keys", "{\"name\":\"r\"}").json().get("data");
    String old = made.get("key").asString();
    Answer rotated = owner.post("/api-keys/" + made.get("id").asString() + "/rotate", "");
    String fresh = rotated.json().get("data").get("key").asString();
    assertEquals("invalid_token", running.client().as(old).get("/credits/balance").code());
    assertEquals(200, running.client().as(fresh).get("/credits/balance").status());
    assertFalse(keyed.post("/api-keys", "{\"name\":\"r\"}").text().contains(old));
  }

  @Test
  void aUserKeyMakesNoAdminKey() {
    ApiClient owner = running.owner();
    String secret =
        owner.post("/api-keys", "{\"name\":\"u\"}").json().get("data").get("key").asString();
    ApiClient user = running.client().as(secret);
    assertEquals(403, user.post("/api-keys", "{\"name\":\"a\",\"key_type\":\"admin\"}").status());
    assertEquals(201, user.post("/api-keys", "{\"name\":\"a\"}").status());
  }

  @Test
  void theSixtyFirstRequestOfAKeyWaits() {
    ApiClient owner = running.owner();
    String secret =
        owner.post("/api-keys", "{\"name\":\"u\"}").json().get("data").get("key").asString();
    ApiClient user = running.client().as(secret);
    for (int i = 0; i < 60; i++) {
      assertEquals(200, user.get("/credits/balance").status());
    }
    Answer limited = user.get("/credits/balance");
    assertEquals(429, limited.status());
    assertEquals("rate_limit_exceeded", limited.code());
    assertEquals(limited.header("retry-after"), limited.json().get("retry_after").asString());
  }

  @Test
  void anotherOrganizationSeesNothing() {
    ApiClient owner = running.owner();
    String id =
        owner.post("/api-keys", "{\"name\":\"mine\"}").json().get("data").get("id").asString();
    ApiClient stranger = running.owner();
    assertEquals(404, stranger.get("/api-keys/" + id).status());
    assertEquals(404, stranger.delete("/api-keys/" + id).status());
    assertEquals(404, stranger.call("PATCH", "/api-keys/" + id, "{\"name\":\"x\"}").status());
    assertEquals(404, stranger.call("PUT", "/api-keys/" + id, "{\"name\":\"x\"}").status());
    assertFalse(stranger.get("/api-keys").text().contains(id));
    assertEquals("mine", owner.get("/api-keys/" + id).json().get("data").get("name").asString());
    Answer acting =
        stranger
            .with(
                "X-MIOSA-Tenant",
                owner.get("/whoami").json().at("/data/organization/id").asString())
            .get("/api-keys");
    assertEquals("TENANT_RESOLUTION_FAILED", acting.code());
  }

  @Test
  void anIdempotencyKeyReturnsTheSameAnswerAndRefusesAnother() {
    ApiClient owner = running.owner();
    ApiClient keyed = owner.with("Idempotency-Key", "abc");
    Answer first = keyed.post("/api-keys", "{\"name\":\"once\"}");
    Answer second = keyed.post("/api-keys", "{\"name\":\"once\"}");
    assertEquals(201, second.status());
    assertEquals(first.json(), second.json());
    assertEquals("true", second.header("idempotency-replayed"));
    assertEquals("IDEMPOTENCY_KEY_REUSED", keyed.post("/api-keys", "{\"name\":\"other\"}").code());
    assertEquals(2, owner.get("/api-keys").json().get("data").size());
  }

  @Test
  void workspacesAreMadeFoundAndRemoved() {
    ApiClient owner = running.owner();
    Answer made = owner.post("/workspaces", "{\"name\":\"Acme\",\"metadata\":{\"a\":\"b\"}}");
    assertEquals(201, made.status());
    assertEquals("WORKSPACE_NAME_EXISTS", owner.post("/workspaces", "{\"name\":\"Acme\"}").code());
    assertEquals(
        201,
        owner.post("/workspaces", "{\"name\":\"Acme\",\"allow_duplicate_name\":true}").status());
    assertEquals(200, owner.get("/workspaces/acme").status());
    String id = made.json().get("id").asString();
    assertEquals(
        "New",
        owner.call("PUT", "/workspaces/" + id, "{\"name\":\"New\"}").json().get("name").asString());
    assertEquals(204, owner.delete("/workspaces/" + id).status());
    assertEquals(404, owner.get("/workspaces/" + id).status());
  }

  @Test
  void theReferenceIsServed() {
    assertEquals("3.1.0", running.client().get("/openapi.json").json().get("openapi").asString());
    assertTrue(running.client().get("/docs").text().contains("/api-keys"));
    assertTrue(
        running.client().get("/docs/errors/rate_limit_exceeded").text().contains("Retry-After"));
    assertEquals(404, running.client().get("/docs/errors/nothing").status());
  }

  @Test
  void preflightIsAnsweredEverywhere() {
    Answer answer = running.client().call("OPTIONS", "/anything", "");
    assertEquals(204, answer.status());
    List<String> allowed = List.of(answer.header("access-control-allow-headers").split(", ", -1));
    // A star stands for every header but this one.
    assertTrue(allowed.containsAll(List.of("Authorization", "Idempotency-Key", "*")));
  }

  @Test
  void aBodyThatNobodyWantsCostsNothing() throws Exception {
    try (RawConnection connection = new RawConnection(running.socket())) {
      for (String line : List.of("OPTIONS /api/v1/api-keys", "GET /api/v1/healthz")) {
        String request = line + " HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
        assertEquals(
            line.startsWith("OPTIONS") ? 204 : 200, connection.send(request).read().status());
      }
      connection.send("GET /api/v1/healthz HTTP/1.1\r\nHost: a\r\n\r\n");
      assertEquals(200, connection.read().status());
    }
  }

  @Test
  void whatIsNotHttpIsCodedToo() throws Exception {
    try (RawConnection connection = new RawConnection(running.socket())) {
      Answer answer = connection.send("GARBAGE\r\n\r\n").read();
      assertEquals(400, answer.status());
      assertEquals("INVALID_REQUEST", answer.code());
    }
    try (RawConnection connection = new RawConnection(running.socket())) {
      String flood = "X-A: " + "y".repeat(40_000) + "\r\n";
      Answer answer =
          connection.send("GET /api/v1/healthz HTTP/1.1\r\nHost: a\r\n" + flood + "\r\n").read();
      assertEquals(431, answer.status());
    }
  }

  @Test
  void aNotImplementedOperationSaysSo() {
    Answer answer = running.owner().get("/billing/invoices");
    assertEquals(501, answer.status());
    assertEquals("NOT_IMPLEMENTED", answer.code());
  }

  @Test
  void aPartOfTheApiThatIsNotBuiltSaysSo() {
    for (String path :
        List.of(
            "/computers",
            "/databases/db_1/branches",
            "/functions",
            "/agents",
            "/environments",
            "/runs",
            "/storage/buckets",
            "/projects/prj_1/services")) {
      Answer answer = running.owner().get(path);
      assertEquals(501, answer.status(), path);
      assertEquals("NOT_IMPLEMENTED", answer.code());
      assertEquals(401, running.client().call("GET", path, "").status(), path);
    }
    assertEquals(501, running.owner().post("/computers", "{}").status());
    assertEquals(404, running.owner().get("/no-such-part").status());
    assertEquals(404, running.owner().get("/projects/prj_1/no-such-part").status());
  }
}
