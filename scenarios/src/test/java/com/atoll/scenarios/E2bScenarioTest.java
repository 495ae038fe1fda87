package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the SDKs of E2B never send: strangers, broken frames, wrong types. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class E2bScenarioTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String STREAMING = "application/connect+json";
  private final Given given = new Given();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String base = given.target.api().toString().replaceAll("/api/v1/?$", "/e2b");
  private String id = "";
  private String token = "";

  @BeforeAll
  void create() throws Exception {
    JsonNode made =
        json(rest("POST", "/v2/sandboxes", given.target.key(), "{\"templateID\":\"base\"}"), 201);
    id = made.path("sandboxID").asString();
    token = made.path("envdAccessToken").asString();
    assertTrue(id.matches("[0-9a-z]{26}"), id);
  }

  @AfterAll
  void kill() throws Exception {
    assertEquals(204, rest("DELETE", "/sandboxes/" + id, given.target.key(), "").statusCode());
    json(rest("DELETE", "/sandboxes/" + id, given.target.key(), ""), 404);
  }

  private HttpResponse<byte[]> rest(String method, String path, String key, String body)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .method(method, BodyPublishers.ofString(body))
            .header("Content-Type", "application/json");
    if (!key.isEmpty()) {
      request.header("X-API-Key", key);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> inside(String path, String type, String secret, byte[] body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + "/sandbox" + path))
            .POST(BodyPublishers.ofByteArray(body))
            .header("Content-Type", type)
            .header("E2b-Sandbox-Id", id);
    if (!secret.isEmpty()) {
      request.header("X-Access-Token", secret);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static JsonNode json(HttpResponse<byte[]> response, int status) {
    String text = new String(response.body(), StandardCharsets.UTF_8);
    assertEquals(status, response.statusCode(), text);
    return JSON.readTree(text);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] frame(int flags, String text) {
    byte[] json = bytes(text);
    return ByteBuffer.allocate(5 + json.length)
        .put((byte) flags)
        .putInt(json.length)
        .put(json)
        .array();
  }

  /** The error of a streamed answer, whose only frame is then the last one. */
  private static String streamError(HttpResponse<byte[]> response) {
    assertEquals(200, response.statusCode());
    ByteBuffer answer = ByteBuffer.wrap(response.body());
    assertEquals(2, answer.get());
    byte[] json = new byte[answer.getInt()];
    answer.get(json);
    assertFalse(answer.hasRemaining());
    return JSON.readTree(json).path("error").path("code").asString();
  }

  @Test
  void withoutAKeyNothingIsAnswered() throws Exception {
    for (String key : List.of("", "e2b_00000000", "msk_a_none")) {
      for (String path : List.of("/v2/sandboxes", "/sandboxes/" + id, "/snapshots")) {
        JsonNode refusal = json(rest("GET", path, key, ""), 401);
        assertEquals(401, refusal.path("code").asInt());
        assertFalse(refusal.path("message").asString().isEmpty());
      }
    }
  }

  @Test
  void aStrangersKeyAndTokenOpenNothing() throws Exception {
    String stranger = given.target.secondKey();
    String one = "/sandboxes/" + id;
    json(rest("GET", one, stranger, ""), 404);
    json(rest("DELETE", one, stranger, ""), 404);
    json(rest("GET", one + "/metrics", stranger, ""), 404);
    json(rest("PUT", one + "/network", stranger, "{}"), 404);
    for (String step : List.of("timeout", "refreshes", "pause", "resume", "fork", "snapshots")) {
      json(rest("POST", one + "/" + step, stranger, "{\"timeout\":1}"), 404);
    }
    json(rest("POST", "/v2" + one + "/connect", stranger, "{}"), 404);
    for (String secret : List.of("", "ea_wrong", token + "x", stranger)) {
      assertEquals(
          "unauthenticated",
          json(inside("/process.Process/List", "application/json", secret, bytes("{}")), 401)
              .path("code")
              .asString());
      assertEquals(
          "unauthenticated",
          streamError(inside("/process.Process/Start", STREAMING, secret, frame(0, "{}"))));
      json(inside("/files?path=/tmp/x", "application/octet-stream", secret, new byte[9]), 401);
    }
  }

  @Test
  void aKeyThatMayOnlyReadIsNotToldTheToken() throws Exception {
    Reply key =
        given.api.post(
            "/api-keys", java.util.Map.of("name", "e2b", "scopes", List.of("sandboxes:read")));
    String secret = key.expect(201).json().path("data").path("key").asString();
    JsonNode shown = json(rest("GET", "/sandboxes/" + id, secret, ""), 200);
    assertTrue(shown.path("envdAccessToken").isMissingNode());
    json(rest("POST", "/sandboxes/" + id + "/timeout", secret, "{\"timeout\":60}"), 403);
  }

  @Test
  void brokenFramesAreRefused() throws Exception {
    String start = "/process.Process/Start";
    // "resource_exhausted" is a rate limit to the SDKs, whose users would try again for ever.
    assertEquals(
        "invalid_argument",
        streamError(inside(start, STREAMING, token, new byte[] {0, 127, -1, -1, -1, 1, 2, 3})));
    assertEquals(
        "invalid_argument", streamError(inside(start, STREAMING, token, new byte[] {0, 0, 0})));
    assertEquals("invalid_argument", streamError(inside(start, STREAMING, token, frame(0, "[1]"))));
    assertEquals("unimplemented", streamError(inside(start, STREAMING, token, frame(1, "{}"))));
    assertEquals("invalid_argument", streamError(inside(start, STREAMING, token, new byte[0])));
    assertEquals("invalid_argument", streamError(inside(start, STREAMING, token, frame(0, "{}"))));
    assertEquals(
        "not_found",
        streamError(
            inside(
                "/process.Process/Connect",
                STREAMING,
                token,
                frame(0, "{\"process\":{\"pid\":99999}}"))));
    byte[] large = new byte[5 << 20];
    json(inside("/process.Process/List", "application/json", token, large), 400);
    json(inside("/process.Process/List", "application/json", token, bytes("nonsense")), 400);
    json(inside("/process.Process/List", "application/proto", token, new byte[0]), 415);
    json(inside(start, "application/connect+proto", token, new byte[0]), 415);
    json(inside("/process.Process/Burn", "application/json", token, bytes("{}")), 404);
  }

  private JsonNode policy(String sandbox) {
    return given.api.get("/sandboxes/" + sandbox + "/network-policy").expect(200).json();
  }

  @Test
  void whatAWorkspaceLocksNoNetworkUnlocksUnasked() throws Exception {
    String key = given.target.key();
    String name = Given.unique("locked");
    String workspace =
        Egress.data(given.api.post("/workspaces", Map.of("name", name, "slug", name)), 201)
            .path("id")
            .asString();
    Map<String, Object> lock =
        Map.of("mode", "enforce", "resource_type", "workspace", "resource_id", workspace);
    String lockId =
        Egress.data(given.api.json("PATCH", "/egress/policies", lock, Map.of()), 200)
            .path("id")
            .asString();
    try (Sandbox one = given.aSandbox().with("workspace_id", workspace).running()) {
      String network = "/sandboxes/" + one.id().replaceFirst("^sbx_", "") + "/network";
      for (String wish : List.of("{}", "{\"denyOut\":[\"1.2.3.4\"]}", "{}")) {
        assertEquals(204, rest("PUT", network, key, wish).statusCode());
        assertEquals("deny", policy(one.id()).path("default_effect").asString());
        assertEquals("workspace", policy(one.id()).path("source").asString());
      }
      assertEquals(
          204, rest("PUT", network, key, "{\"allow_internet_access\":false}").statusCode());
      assertEquals("sandbox", policy(one.id()).path("source").asString());
      assertEquals(204, rest("PUT", network, key, "{}").statusCode());
      assertEquals(lockId, policy(one.id()).path("policy_id").asString());
    } finally {
      given.api.delete("/egress/policies/" + lockId).expect(204);
    }
  }

  @Test
  void aCreateTakesNoNetworkAlongForWhoMayNotSetOne() throws Exception {
    Map<String, Object> narrow =
        Map.of("name", Given.unique("narrow"), "scopes", List.of("sandboxes:*"));
    JsonNode key = Egress.data(given.api.post("/api-keys", narrow), 201);
    String open = "{\"templateID\":\"base\"}";
    String closed = "{\"templateID\":\"base\",\"allow_internet_access\":false}";
    try {
      String secret = key.path("key").asString();
      json(rest("POST", "/v2/sandboxes", secret, closed), 403);
      String made =
          json(rest("POST", "/v2/sandboxes", secret, open), 201).path("sandboxID").asString();
      assertEquals(204, rest("DELETE", "/sandboxes/" + made, secret, "").statusCode());
    } finally {
      given.api.delete("/api-keys/" + key.path("id").asString());
    }
  }

  @Test
  void aForkIsAsClosedAsItsSourceWhateverItsMetadataSays() throws Exception {
    String key = given.target.key();
    String closed = "{\"templateID\":\"base\",\"allow_internet_access\":false}";
    String source =
        json(rest("POST", "/v2/sandboxes", key, closed), 201).path("sandboxID").asString();
    given
        .api
        .json("PATCH", "/sandboxes/sbx_" + source, Map.of("metadata", Map.of()), Map.of())
        .expect(200);
    String fork =
        json(rest("POST", "/sandboxes/" + source + "/fork", key, "{}"), 201)
            .get(0)
            .path("sandbox")
            .path("sandboxID")
            .asString();
    assertEquals("deny", policy("sbx_" + fork).path("default_effect").asString());
    assertEquals("sandbox", policy("sbx_" + fork).path("source").asString());
    for (String one : List.of(source, fork)) {
      assertEquals(204, rest("DELETE", "/sandboxes/" + one, key, "").statusCode());
    }
  }

  @Test
  void wrongFieldsAreNamed() throws Exception {
    String key = given.target.key();
    json(rest("POST", "/v2/sandboxes", key, "{}"), 400);
    json(rest("POST", "/v2/sandboxes", key, "not json"), 400);
    json(rest("POST", "/v2/sandboxes", key, "{\"templateID\":\"base\",\"timeout\":-1}"), 400);
    json(rest("POST", "/v2/sandboxes", key, "{\"templateID\":\"no/such\"}"), 404);
    json(rest("GET", "/v2/sandboxes?metadata=novalue", key, ""), 400);
    json(rest("GET", "/v2/sandboxes?order=up", key, ""), 400);
    json(rest("GET", "/v2/sandboxes?state=burning", key, ""), 400);
    json(rest("GET", "/v2/sandboxes?startedAfter=soon", key, ""), 400);
    json(rest("GET", "/sandboxes/..%2F..", key, ""), 404);
    json(rest("POST", "/sandboxes/" + id + "/fork", key, "{\"count\":1000}"), 400);
    json(rest("POST", "/v3/templates", key, "{}"), 400);
    json(rest("POST", "/v3/templates", key, "{\"name\":\"x\",\"tags\":[\"v1\"]}"), 501);
    json(rest("POST", "/v3/templates", key, "{\"name\":\"x\",\"cpuCount\":\"two\"}"), 400);
    json(rest("POST", "/volumes", key, "{\"name\":\"a/b\"}"), 400);
    json(rest("GET", "/volumecontent/vol_x/dir?path=/", "", ""), 501);
    json(rest("GET", "/secrets", key, ""), 501);
    for (String form : List.of("multipart/form-data", "multipart/form-data; boundary=x")) {
      json(inside("/files", form, token, bytes("garbage")), 400);
    }
    JsonNode stat =
        json(
            inside(
                "/filesystem.Filesystem/Stat",
                "application/json",
                token,
                bytes("{\"path\":\"/../../etc/shadow\"}")),
            400);
    assertEquals("invalid_argument", stat.path("code").asString());
  }
}
