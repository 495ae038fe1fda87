package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Tokens of browsers and of end users: never more than who minted them, and over at once. */
@Tag("fast")
@Tag("all")
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TokensScenarioTest {
  private final Given given = new Given();
  private Sandbox mine;
  private Sandbox other;
  private String workspace;

  @BeforeAll
  void twoSandboxes() {
    mine = given.aSandbox().with("external_user_id", "alice").running();
    other = given.aSandbox().running();
    workspace = given.api.get(mine.at("")).expect(200).string("workspace_id");
  }

  @AfterAll
  void release() {
    mine.close();
    other.close();
  }

  private Reply browserToken(Map<String, Object> wish) {
    return given.api.post(mine.at("/browser-token"), wish).expect(200);
  }

  @Test
  void whoMayDoNothingGetsNoToken() {
    for (String path : List.of(mine.at("/browser-token"), "/tokens/browser")) {
      given
          .api
          .post(path, Map.of("sandbox_ids", List.of(mine.id()), "scopes", List.of()))
          .expectFieldError("scopes");
    }
  }

  private Reply scoped(Api by, Map<String, Object> more) {
    Map<String, Object> body = new HashMap<>(Map.of("user_id", "alice", "workspace_id", workspace));
    body.putAll(more);
    return by.post("/tokens/scoped", body);
  }

  private Api with(Reply minted) {
    return given.api.withKey(minted.string("token"));
  }

  @Test
  void aBrowserReachesItsSandboxAndNothingElse() {
    Reply minted = browserToken(Map.of("scopes", List.of("exec")));
    assertTrue(minted.json().path("expires_in").asInt() <= 300, minted::toString);
    assertEquals(mine.id(), minted.string("sandbox_id"));
    Api browser = with(minted);
    browser.get(mine.at("")).expect(200);
    browser.post(mine.at("/exec"), Map.of("command", "true")).expect(200);
    browser.post(other.at("/exec"), Map.of("command", "true")).expectError(403, "FORBIDDEN");
    browser.get(mine.at("/files/list?path=/workspace")).expectError(403, "FORBIDDEN");
    browser.delete(mine.at("")).expectError(403, "insufficient_scope");
    browser.get("/sandboxes").expectError(403, "FORBIDDEN");
    browser.post("/sandboxes", Map.of("size", "xs")).expect(403);
    browser.post(mine.at("/browser-token"), Map.of()).expect(403);
    scoped(browser, Map.of()).expectError(403, "FORBIDDEN");
    browser.post("/api-keys", Map.of("name", "more")).expect(403);
    browser.get("/events/stream").expectError(403, "FORBIDDEN");
    browser.get("/api-keys").expect(403);
    browser.get("/audit-log").expect(403);
  }

  @Test
  void aSetOfSandboxesIsReachedByOneToken() {
    Reply minted =
        given
            .api
            .post(
                "/tokens/browser",
                Map.of("sandbox_ids", List.of(mine.id(), other.id()), "scopes", List.of("files")))
            .expect(200);
    Api browser = with(minted);
    browser.get(mine.at("/files/list?path=/workspace")).expect(200);
    browser.get(other.at("/files/list?path=/workspace")).expect(200);
    given
        .stranger
        .post("/tokens/browser", Map.of("sandbox_ids", List.of(mine.id())))
        .expectError(404, "sandbox_not_found");
    given
        .api
        .post("/tokens/browser", Map.of("sandbox_ids", List.of(mine.id()), "expires_in", 80_000))
        .expectFieldError("expires_in");
    given
        .api
        .post("/tokens/browser", Map.of("sandbox_ids", List.of(mine.id()), "scopes", List.of("x")))
        .expectFieldError("scopes");
  }

  @Test
  void aPolicySaysHowLongABrowserTokenMayLast() {
    given
        .api
        .post(mine.at("/browser-token"), Map.of("expires_in", 3_601))
        .expectFieldError("expires_in");
    String policy = "/external-users/alice/policy";
    Map<String, Object> shorter = Map.of("lifecycle", Map.of("max_browser_token_sec", 120));
    Map<String, Object> longer = Map.of("lifecycle", Map.of("max_browser_token_sec", 7_200));
    try {
      given.api.json("PUT", policy, shorter, Map.of()).expect(200);
      given
          .api
          .post(mine.at("/browser-token"), Map.of("expires_in", 121))
          .expectFieldError("expires_in");
      Reply minted = browserToken(Map.of());
      assertTrue(minted.json().path("expires_in").asInt() <= 120, minted::toString);
      given
          .api
          .post("/tokens/browser/" + minted.string("id") + "/refresh", Map.of("expires_in", 121))
          .expectFieldError("expires_in");
      given.api.post(other.at("/browser-token"), Map.of("expires_in", 3_600)).expect(200);
      given.api.json("PUT", policy, longer, Map.of()).expect(200);
      browserToken(Map.of("expires_in", 7_200));
    } finally {
      given.api.delete(policy).expect(204);
    }
  }

  @Test
  void aTokenEndsAtItsTimeAndIsRenewedOnTheServerSideOnly() {
    Reply minted = browserToken(Map.of("expires_in", 3));
    Api browser = with(minted);
    browser.get(mine.at("")).expect(200);
    String path = "/tokens/browser/" + minted.string("id") + "/refresh";
    browser.post(path, Map.of()).expectError(403, "FORBIDDEN");
    given.stranger.post(path, Map.of()).expectError(404, "NOT_FOUND");
    Reply renewed = given.api.post(path, Map.of("expires_in", 200)).expect(200);
    assertNotEquals(minted.string("token"), renewed.string("token"));
    Given.eventually(6, "the old token ends", () -> browser.get(mine.at("")).status() == 401);
    browser.get(mine.at("")).expectError(401, "invalid_token");
    with(renewed).get(mine.at("")).expect(200);
  }

  @Test
  void aRevokedTokenIsOverAtOnceAlsoOnAnOpenStream() throws IOException {
    Reply minted = scoped(given.api, Map.of()).expect(200);
    Api user = with(minted);
    HttpResponse<InputStream> stream = user.open("GET", mine.at("/events"), Map.of());
    assertEquals(200, stream.statusCode());
    given.stranger.delete("/tokens/scoped/" + minted.string("id")).expectError(404, "NOT_FOUND");
    given.api.delete("/tokens/scoped/" + minted.string("id")).expect(204);
    user.get(mine.at("")).expectError(401, "invalid_token");
    assertTrue(Streams.end(stream), "the stream goes on");
    given.api.delete("/tokens/scoped/" + minted.string("id")).expect(204);
  }

  @Test
  void anExpiredTokenEndsItsStream() {
    Api user = with(scoped(given.api, Map.of("expires_in_seconds", 2)).expect(200));
    HttpResponse<InputStream> stream = user.open("GET", mine.at("/events"), Map.of());
    assertEquals(200, stream.statusCode());
    assertTrue(Streams.end(stream), "the stream goes on");
  }

  @Test
  void aTicketWorksOnceAndIsNoMoreThanItsToken() {
    Api user = with(scoped(given.api, Map.of()).expect(200));
    String ticket = user.post("/sse/ticket", Map.of()).expect(200).string("ticket");
    Api nobody = given.api.withKey("");
    HttpResponse<InputStream> first =
        nobody.open("GET", mine.at("/events?ticket=" + ticket), Map.of());
    assertEquals(200, first.statusCode());
    close(first);
    nobody.get(mine.at("/events?ticket=" + ticket)).expectError(401, "invalid_token");
    String foreign = user.post("/sse/ticket", Map.of()).expect(200).string("ticket");
    nobody.get(other.at("/events?ticket=" + foreign)).expectError(404, "sandbox_not_found");
  }

  private static void close(HttpResponse<InputStream> answer) {
    try {
      answer.body().close();
    } catch (IOException closed) {
      throw new java.io.UncheckedIOException(closed);
    }
  }

  @Test
  void anEndUserSeesItsOwnAndCreatesForItself() {
    Api user = with(scoped(given.api, Map.of()).expect(200));
    user.get(mine.at("")).expect(200);
    user.get(other.at("")).expectError(404, "sandbox_not_found");
    String text = user.get("/sandboxes?limit=1000").expect(200).text();
    assertTrue(text.contains(mine.id()) && !text.contains(other.id()));
    Reply created = user.post("/sandboxes", Map.of("size", "xs")).expect(201);
    assertEquals("alice", created.string("external_user_id"));
    assertEquals(workspace, created.string("workspace_id"));
    user.delete("/sandboxes/" + created.string("id"));
    user.post("/sandboxes", Map.of("size", "xs", "external_user_id", "bob"))
        .expectError(403, "FORBIDDEN");
  }

  @Test
  void aChildIsNeverMoreThanItsParent() {
    Reply parent =
        scoped(
                given.api,
                Map.of(
                    "scopes",
                    List.of("sandboxes:read", "sandboxes:exec"),
                    "sandbox_ids",
                    List.of(mine.id()),
                    "expires_in_seconds",
                    600))
            .expect(200);
    Api minter = with(parent);
    scoped(minter, Map.of("scopes", List.of("sandboxes:write"))).expectError(403, "FORBIDDEN");
    scoped(minter, Map.of("user_id", "bob")).expectError(403, "FORBIDDEN");
    scoped(minter, Map.of("sandbox_ids", List.of(other.id()))).expect(404);
    scoped(given.api, Map.of("scopes", List.of("keys:write"))).expectError(403, "FORBIDDEN");
    scoped(given.api, Map.of("workspace_id", "elsewhere")).expectFieldError("workspace_id");
    scoped(given.api, Map.of("expires_in_seconds", 90_000)).expectFieldError("expires_in_seconds");
    Reply child = scoped(minter, Map.of("expires_in_seconds", 86_400)).expect(200);
    assertTrue(child.json().path("expires_in").asInt() <= 600, child::toString);
    assertEquals(2, child.json().path("chain").size(), child::toString);
    Api grandchild = with(child);
    grandchild.post(mine.at("/exec"), Map.of("command", "true")).expect(200);
    grandchild.post(other.at("/exec"), Map.of("command", "true")).expect(403);
    // The chain is in the audit log, and found by any of its links.
    JsonNode entries =
        given
            .api
            .get("/audit-log?action=sandbox.exec&actor_id=" + parent.string("id"))
            .expect(200)
            .json()
            .path("data");
    assertEquals(child.string("id"), entries.get(0).path("actor_id").asString());
    assertEquals("token", entries.get(0).path("actor_type").asString());
    // With the parent its children end.
    given.api.delete("/tokens/scoped/" + parent.string("id")).expect(204);
    grandchild.get(mine.at("")).expectError(401, "invalid_token");
  }

  @Test
  void aBudgetOfRequestsIsSharedWithChildren() {
    Api minter = with(scoped(given.api, Map.of("max_requests", 5)).expect(200));
    Api child = with(scoped(minter, Map.of("max_requests", 2)).expect(200));
    child.get(mine.at("")).expect(200);
    child.get(mine.at("")).expect(200);
    child.get(mine.at("")).expectError(403, "FORBIDDEN");
    scoped(minter, Map.of("max_requests", 2)).expectError(403, "FORBIDDEN");
    minter.get(mine.at("")).expect(200);
    minter.get(mine.at("")).expectError(403, "FORBIDDEN");
  }

  @Test
  void aTokenEndsWithTheKeyBehindIt() {
    JsonNode key =
        given
            .api
            .post("/api-keys", Map.of("name", Given.unique("k")))
            .expect(201)
            .json()
            .path("data");
    Api user = given.api.withKey(key.path("key").asString());
    Api token = with(scoped(user, Map.of()).expect(200));
    token.get(mine.at("")).expect(200);
    given.api.delete("/api-keys/" + key.path("id").asString()).expect(204);
    token.get(mine.at("")).expectError(401, "invalid_token");
  }

  @Test
  void nobodyListsOrRevokesTheTokensOfOthers() {
    Reply minted = scoped(given.api, Map.of()).expect(200);
    String id = minted.string("id");
    Reply list = given.api.get("/tokens/scoped?limit=1000").expect(200);
    assertTrue(list.text().contains(id) && !list.text().contains(minted.string("token")));
    assertTrue(!given.stranger.get("/tokens/scoped?limit=1000").text().contains(id));
    Api elsewhere = with(scoped(given.api, Map.of()).expect(200));
    elsewhere.delete("/tokens/scoped/" + id).expectError(404, "NOT_FOUND");
    assertTrue(!elsewhere.get("/tokens/scoped").expect(200).text().contains(id));
    given.api.withKey(minted.string("token") + "x").get("/sandboxes").expect(401);
  }

  @Test
  void aBrowserTokenOpensAPrivatePreviewUntilItIsRevoked() {
    mine.serving(8123, "seen");
    String url =
        given
            .api
            .post(mine.at("/previews"), Map.of("port", 8123, "visibility", "private"))
            .expect(201)
            .string("url");
    assertEquals(401, given.api.page(url).status());
    Reply minted = browserToken(Map.of("scopes", List.of("preview")));
    String address =
        url + (url.contains("?") ? "&" : "?") + "preview_token=" + minted.string("token");
    assertEquals("seen", given.api.page(address).expect(200).text());
    Reply blind = browserToken(Map.of("scopes", List.of("exec")));
    assertEquals(
        401,
        given.api.page(address.replace(minted.string("token"), blind.string("token"))).status());
    given.api.delete("/tokens/browser/" + minted.string("id")).expect(204);
    Given.eventually(3, "the gateway asks anew", () -> given.api.page(address).status() == 401);
  }
}
