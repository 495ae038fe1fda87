package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Nobody gets more out of a credential than it has, and what it opened ends with it. */
@Tag("fast")
@Tag("all")
@Timeout(60)
final class CredentialsScenarioTest {
  private static final String STREAM = "/events/stream";

  private final Given given = new Given();
  private final Members members = new Members(given);

  private Reply key(Map<String, Object> more) {
    Map<String, Object> wish = new HashMap<>(Map.of("name", Given.unique("key")));
    wish.putAll(more);
    return given.api.post("/api-keys", wish);
  }

  private static String id(Reply key) {
    return key.json().path("data").path("id").asString();
  }

  private Api with(Reply key) {
    return given.api.withKey(key.json().path("data").path("key").asString());
  }

  private static HttpResponse<InputStream> open(Api api) {
    HttpResponse<InputStream> stream = api.open("GET", STREAM, Map.of());
    assertEquals(200, stream.statusCode());
    return stream;
  }

  private static void assertEnds(HttpResponse<InputStream> stream) {
    assertTrue(Streams.end(stream), "the stream goes on");
  }

  @Test
  void aKeyGivesItselfNoSecretOfOneThatMayDoMore() {
    Reply few = key(Map.of("scopes", List.of("keys:read", "keys:write"))).expect(201);
    Reply all = key(Map.of()).expect(201);
    Reply others = key(Map.of("scopes", List.of("sandboxes:read"))).expect(201);
    for (Reply more : List.of(all, others)) {
      String path = "/api-keys/" + id(more);
      with(few).post(path + "/rotate", Map.of()).expectError(403, "FORBIDDEN");
      with(few).json("PATCH", path, Map.of("name", "mine"), Map.of()).expectError(403, "FORBIDDEN");
      with(more).get("/sandboxes").expect(200);
    }
    with(all).post("/api-keys/" + id(few) + "/rotate", Map.of()).expect(200);
    List.of(few, all, others).forEach(key -> given.api.delete("/api-keys/" + id(key)).expect(204));
  }

  @Test
  void aKeyThatEndsGivesNoLongerLifeThanItsOwn() {
    Instant end = Instant.now().plusSeconds(600).truncatedTo(ChronoUnit.SECONDS);
    Reply mine = key(Map.of("expires_at", end.toString())).expect(201);
    Map<String, Object> later = Map.of("expires_at", end.plusSeconds(60).toString());
    Api by = with(mine);
    by.json("PATCH", "/api-keys/" + id(mine), later, Map.of()).expectError(403, "FORBIDDEN");
    Map<String, Object> child = new HashMap<>(later);
    child.put("name", "child");
    by.post("/api-keys", child).expectError(403, "FORBIDDEN");
    Reply bounded = by.post("/api-keys", Map.of("name", "child")).expect(201);
    String until = bounded.json().path("data").path("expires_at").asString();
    assertEquals(end, Instant.parse(until));
    for (Reply key : List.of(mine, bounded)) {
      given.api.json("PATCH", "/api-keys/" + id(key), later, Map.of()).expect(200);
      given.api.delete("/api-keys/" + id(key)).expect(204);
    }
  }

  @Test
  void aKeyThatIsBoundToNetworksGivesNoOthers() {
    List<String> near = List.of("127.0.0.0/8", "::1");
    Reply mine = key(Map.of("allowed_ips", near)).expect(201);
    Reply anywhere = key(Map.of()).expect(201);
    Api by = with(mine);
    Map<String, Object> far =
        Map.of("name", "child", "allowed_ips", List.of("127.0.0.1", "10.0.0.0/8"));
    by.post("/api-keys", far).expectError(403, "FORBIDDEN");
    Map<String, Object> wider = Map.of("allowed_ips", List.of("0.0.0.0/0"));
    by.json("PATCH", "/api-keys/" + id(mine), wider, Map.of()).expectError(403, "FORBIDDEN");
    by.post("/api-keys/" + id(anywhere) + "/rotate", Map.of()).expectError(403, "FORBIDDEN");
    by.json("PATCH", "/api-keys/" + id(mine), Map.of("allowed_ips", List.of()), Map.of())
        .expect(200);
    Reply child = by.post("/api-keys", Map.of("name", "child")).expect(201);
    Map<String, Object> one = Map.of("name", "child", "allowed_ips", List.of("127.0.0.1"));
    Reply closer = by.post("/api-keys", one).expect(201);
    for (Reply key : List.of(mine, child)) {
      JsonNode read = given.api.get("/api-keys/" + id(key)).json().path("data");
      assertEquals(
          near.toString(),
          read.path("allowed_ips").valueStream().map(JsonNode::asString).toList().toString());
    }
    List.of(mine, anywhere, child, closer)
        .forEach(key -> given.api.delete("/api-keys/" + id(key)).expect(204));
  }

  @Test
  void streamsOutliveARotationUntilTheOldSecretEnds() throws IOException {
    Reply mine = key(Map.of()).expect(201);
    HttpResponse<InputStream> stream = with(mine).open("GET", "/events/stream", Map.of());
    assertEquals(200, stream.statusCode());
    String path = "/api-keys/" + id(mine) + "/rotate";
    given.api.post(path, Map.of("overlap_seconds", 5)).expect(200);
    String project = Given.unique("after");
    given.api.post("/projects", Map.of("name", project)).expect(201);
    assertTrue(Streams.bring(stream, project), "the stream has ended with the rotation");
    with(mine).get("/sandboxes?limit=1").expect(200);
    assertTrue(Streams.end(stream), "the stream goes on");
    with(mine).get("/sandboxes?limit=1").expectError(401, "invalid_token");
    given.api.delete("/api-keys/" + id(mine)).expect(204);
    given.api.delete("/projects/" + project).expect(204);
  }

  @Test
  void aKeyThatReadsLetsOthersReadOnlyAndItsTokensEnd() {
    Reply reader = key(Map.of("scopes", List.of("sandboxes:read"))).expect(201);
    try (Sandbox sandbox = given.aSandbox().running()) {
      String path = sandbox.at("/preview-token");
      with(reader).post(path, Map.of("scope", "interact")).expect(403);
      with(reader).post(path, Map.of()).expect(200);
      given.api.post(path, Map.of("scope", "interact")).expect(200);
      JsonNode listed = given.api.get(sandbox.at("/shares")).expect(200).json().path("data");
      assertEquals(2, listed.size());
      for (JsonNode token : listed) {
        given.api.delete(sandbox.at("/shares/" + token.path("id").asString())).expect(204);
      }
      assertEquals(0, given.api.get(sandbox.at("/shares")).json().path("data").size());
    }
    given.api.delete("/api-keys/" + id(reader)).expect(204);
  }

  @Test
  void aMisspelledScopeIsRefusedWithTheNearestOne() {
    Reply refused = key(Map.of("scopes", List.of("sandboxes:read", "sandbox:create")));
    refused.expectFieldError("scopes");
    assertTrue(refused.text().contains("sandboxes:create"), refused::toString);
    key(Map.of("scopes", List.of("sandboxes:raed"))).expectFieldError("scopes");
    given
        .api
        .post("/api-keys/presets", Map.of("name", "x", "scopes", List.of("sandboxes:raed")))
        .expectFieldError("scopes");
    for (String scope : List.of("computers:*", "storage:write", "env:reveal", "*")) {
      Reply made = key(Map.of("scopes", List.of(scope))).expect(201);
      Map<String, Object> wrong = Map.of("scopes", List.of("sandbox:*"));
      given.api.json("PATCH", "/api-keys/" + id(made), wrong, Map.of()).expectFieldError("scopes");
      given.api.delete("/api-keys/" + id(made)).expect(204);
    }
  }

  @Test
  void aStreamEndsWhenItsKeyExpires() {
    String soon = Instant.now().plusSeconds(2).toString();
    assertEnds(open(with(key(Map.of("expires_at", soon)).expect(201))));
  }

  @Test
  void aStreamEndsWithTheSessionAndWithTheMembership() {
    Members.Person person = members.join("member");
    Api own =
        given.api.withKey(
            person
                .api()
                .post("/api-keys", Map.of("name", "own"))
                .expect(201)
                .json()
                .path("data")
                .path("key")
                .asString());
    HttpResponse<InputStream> ofSession = open(person.api());
    HttpResponse<InputStream> ofKey = open(own);
    person.api().post("/auth/logout", Map.of()).expect(204);
    assertEnds(ofSession);
    own.get("/sandboxes").expect(200);
    given.api.delete("/tenant/members/" + person.id()).expect(200);
    assertEnds(ofKey);
  }

  @Test
  void aKeyOfOneEndUserSeesNothingOfTheOrganizationAsAWhole() {
    String user = Given.unique("enduser");
    Map<String, Object> wish = Map.of("external_user_id", user, "scopes", List.of("*"));
    Api end = with(given.api.post("/api-keys/scoped", wish).expect(201));
    for (String path :
        List.of(
            "/workspaces",
            "/workspaces/default",
            "/workspaces/default/inventory",
            "/workspaces/default/stats",
            "/credits/balance",
            "/credits/transactions",
            "/billing/overview",
            "/health-checks",
            "/tenant/members",
            "/settings",
            "/mcp-servers",
            "/quotas/external/somebody-else",
            "/quotas/organization")) {
      end.get(path).expectError(403, "FORBIDDEN");
    }
    for (String path : List.of("/whoami", "/sandboxes", "/usage", "/quotas/external/" + user)) {
      end.get(path).expect(200);
    }
  }
}
