package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.http.Envelope;
import com.atoll.server.http.Operation.Declaration;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What no credential is told or given that it could use for more, or longer, than itself. */
final class CredentialBoundsTest {
  private static PlatformWithNode running;
  private ApiClient owner;

  /** A person who has logged in. */
  private record Person(String id, ApiClient client) {}

  @BeforeAll
  static void start() throws Exception {
    running = new PlatformWithNode();
  }

  @AfterAll
  static void stop() throws Exception {
    running.close();
  }

  @BeforeEach
  void begin() {
    owner = running.someone();
  }

  private Person person(String role) {
    String email = UUID.randomUUID() + "@example.test";
    JsonNode invited =
        made(owner, "/tenant/members", "{\"email\":\"" + email + "\",\"role\":\"" + role + "\"}");
    Answer joined =
        ApiClient.at(running.socket())
            .post(
                "/auth/register",
                "{\"token\":\""
                    + invited.path("token").asString()
                    + "\",\"password\":\"correct horse battery\",\"name\":\"Ada\"}");
    assertEquals(201, joined.status(), joined.text());
    JsonNode json = joined.json();
    return new Person(
        json.path("user").path("id").asString(), running.as(json.path("token").asString()));
  }

  private static JsonNode made(ApiClient by, String path, String body) {
    Answer answer = by.post(path, body);
    assertTrue(answer.status() < 300, answer::text);
    JsonNode json = answer.json();
    return json.has("data") ? json.path("data") : json;
  }

  private static JsonNode key(ApiClient by, String more) {
    return made(by, "/api-keys", "{\"name\":\"k\"" + more + "}");
  }

  private static ApiClient with(JsonNode key) {
    return running.as(key.path("key").asString());
  }

  private static void forbidden(Answer answer) {
    assertEquals(403, answer.status(), answer.text());
    assertEquals("FORBIDDEN", answer.code());
  }

  private static Answer rotated(ApiClient by, JsonNode key) {
    return by.post("/api-keys/" + key.path("id").asString() + "/rotate", "{}");
  }

  @Test
  void aViewerOpensNoWebSocketThatCarriesWhatIsTyped() {
    Person viewer = person("viewer");
    String sandbox = made(owner, "/sandboxes", "{}").path("id").asString();
    List<Declaration> sockets =
        running.platform().registry().operations().stream()
            .map(operation -> operation.declaration())
            .filter(d -> d.envelope() == Envelope.WEB_SOCKET)
            .toList();
    assertTrue(sockets.size() > 3, sockets::toString);
    for (Declaration d : sockets) {
      String path = d.path().replace(":port", "8000").replaceAll(":[a-z_]+", sandbox);
      Answer answer = viewer.client().get(path);
      if (d.id().equals("egress.audit.follow")) {
        assertEquals(426, answer.status(), answer.text());
      } else {
        forbidden(answer);
      }
    }
    assertEquals(200, viewer.client().get("/sandboxes/" + sandbox + "/ssh-info").status());
    assertEquals(200, viewer.client().get("/sandboxes/" + sandbox + "/processes").status());
  }

  @Test
  void aViewerAsksForWhatOnlyReadsByPostToo() {
    ApiClient viewer = person("viewer").client();
    String path = "/sandboxes/" + made(owner, "/sandboxes", "{}").path("id").asString();
    for (String family : new String[] {"/fs", "/files"}) {
      Answer stat = viewer.post(path + family + "/stat", "{\"path\":\"/workspace\"}");
      assertFalse(stat.status() == 403, stat::text);
      Answer found = viewer.post(path + family + "/search", "{\"name\":\"x\"}");
      assertFalse(found.status() == 403, found::text);
    }
    String spec = "{\"build_spec\":{\"from\":\"docker.io/library/debian:13\"}}";
    assertEquals(200, viewer.post("/sandbox-templates/validate", spec).status());
    Answer tools = viewer.post("/mcp", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
    assertEquals(200, tools.status(), tools.text());
    assertTrue(tools.text().contains("sandbox_read_file"), tools::text);
    assertFalse(tools.text().contains("sandbox_create"), tools::text);
    Answer called =
        viewer.post(
            "/mcp",
            "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":"
                + "{\"name\":\"sandbox_create\",\"arguments\":{}}}");
    assertTrue(called.text().contains("a viewer changes nothing"), called::text);
    // What works by itself afterwards is no read.
    forbidden(viewer.post(path + "/files/export", "{\"path\":\"/workspace\"}"));
    forbidden(viewer.post(path + "/preview-token", "{}"));
    forbidden(viewer.post("/actions/authorize", "{\"capability\":{\"name\":\"sandbox.exec\"}}"));
  }

  @Test
  void aViewerIsNotToldTheTokenThatRunsCommands() {
    String sandbox = made(owner, "/sandboxes", "{}").path("id").asString();
    String path = "/e2b/sandboxes/" + sandbox;
    Answer seen = person("viewer").client().get(path);
    assertEquals(200, seen.status(), seen.text());
    assertFalse(seen.json().has("envdAccessToken"), seen::text);
    assertTrue(person("member").client().get(path).json().has("envdAccessToken"));
  }

  @Test
  void aKeyBehindWhichNobodyStandsGetsNoSecretOfAPerson() {
    Person boss = person("owner");
    Person member = person("member");
    ApiClient user = with(key(owner, ""));
    JsonNode account = made(owner, "/service-accounts", "{\"name\":\"ci\"}");
    JsonNode serving =
        made(
            owner,
            "/service-accounts/" + account.path("id").asString() + "/keys",
            "{\"scopes\":[\"keys:read\",\"keys:write\"]}");
    for (JsonNode other : List.of(key(boss.client(), ""), key(member.client(), ""), serving)) {
      String path = "/api-keys/" + other.path("id").asString();
      forbidden(rotated(user, other));
      forbidden(user.call("PATCH", path, "{\"name\":\"mine\"}"));
      forbidden(user.delete(path));
      assertEquals(200, with(other).get("/api-keys").status());
    }
    assertEquals(200, rotated(with(serving), serving).status());
    assertEquals(200, rotated(user, key(user, "")).status());
    JsonNode own = key(member.client(), "");
    assertEquals(200, rotated(member.client(), own).status());
  }

  @Test
  void theSecretOfAnOwnersKeyIsForOwnersAlone() {
    Person boss = person("owner");
    Person admin = person("admin");
    JsonNode bosses = key(boss.client(), "");
    JsonNode organizations = key(owner, ",\"key_type\":\"admin\"");
    forbidden(rotated(admin.client(), bosses));
    forbidden(rotated(admin.client(), organizations));
    String transfer = "{\"new_owner_user_id\":\"" + admin.id() + "\"}";
    forbidden(with(bosses).post("/tenant/transfer-ownership", transfer));
    assertEquals(200, rotated(boss.client(), organizations).status());
    assertEquals(200, rotated(owner, bosses).status());
    assertEquals(200, boss.client().post("/tenant/transfer-ownership", transfer).status());
  }

  @Test
  void aKeyTakesTheSecretOfNoneThatLivesLongerOrAsksMoreOften() {
    Instant end = Instant.now().plusSeconds(90).truncatedTo(ChronoUnit.SECONDS);
    ApiClient mortal = with(key(owner, ",\"expires_at\":\"" + end + "\""));
    JsonNode eternal = key(owner, "");
    forbidden(rotated(mortal, eternal));
    String later = ",\"expires_at\":\"" + end.plusSeconds(1) + "\"";
    forbidden(rotated(mortal, key(owner, later)));
    forbidden(
        mortal.call("PATCH", "/api-keys/" + eternal.path("id").asString(), "{\"name\":\"mine\"}"));
    assertEquals(200, rotated(mortal, key(mortal, "")).status());
    ApiClient slow = with(key(owner, ""));
    forbidden(rotated(slow, key(owner, ",\"rate_limit_rpm\":61")));
    assertEquals(200, rotated(slow, eternal).status());
  }
}
