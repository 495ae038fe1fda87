package com.atoll.scenarios;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
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

/** Requests that are wrong get a coded error that names what is wrong. */
@Tag("fast")
@Tag("all")
final class BadRequestScenarioTest {
  private final Given given = new Given();

  @ParameterizedTest
  @ValueSource(strings = {"{", "[1,2", "nope", "{\"name\":}", "{\"name\":\"\\ud800\"", "\u0000"})
  void malformedJsonIsRefused(String body) {
    Reply reply = given.api.post("/sandboxes", body.getBytes(UTF_8));
    assertEquals(400, reply.status(), reply::toString);
    assertTrue(reply.string("code").length() > 3);
  }

  static Stream<Arguments> wrongFields() {
    return Stream.of(
        Arguments.of("timeout_sec", "3600"),
        Arguments.of("timeout_sec", 1.5),
        Arguments.of("timeout_sec", -1),
        Arguments.of("name", 7),
        Arguments.of("name", "x".repeat(5000)),
        Arguments.of("slug", "Not A Slug"),
        Arguments.of("slug", "../../etc"),
        Arguments.of("env", List.of("A=1")),
        Arguments.of("env", Map.of("A", Map.of("b", 1))),
        Arguments.of("env", Map.of("A=B", "c")),
        Arguments.of("tags", "one"),
        Arguments.of("size", "galactic"),
        Arguments.of("metadata", List.of()),
        Arguments.of("persistent", "yes"),
        Arguments.of("runtime_profile", "quantum"));
  }

  @ParameterizedTest
  @MethodSource("wrongFields")
  void aWrongFieldIsNamed(String field, Object value) {
    given.api.post("/sandboxes", Map.of(field, value)).expectFieldError(field);
  }

  @Test
  void deepNestingIsRefused() {
    byte[] deep =
        ("{\"metadata\":" + "[".repeat(50_000) + "]".repeat(50_000) + "}").getBytes(UTF_8);
    Reply reply = given.api.post("/sandboxes", deep);
    assertTrue(reply.status() == 400 || reply.status() == 422, reply::toString);
  }

  @Test
  void anOversizedBodyIsRefused() {
    byte[] large = ("{\"name\":\"" + "x".repeat(3 << 20) + "\"}").getBytes(UTF_8);
    assertEquals(413, given.api.post("/sandboxes", large).status());
  }

  @Test
  void emptyBodiesAreFineWhereNothingIsRequired() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      for (byte[] body : List.of(new byte[0], "{}".getBytes(UTF_8), "null".getBytes(UTF_8))) {
        given.api.post(sandbox.at("/pause"), body).expect(200);
        given.api.post(sandbox.at("/resume"), body).expect(200);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/sandboxes/sbx_nothing0000000000000000",
        "/deployments/dep_nothing000000000",
        "/api-keys/key_x",
        "/sandboxes/..%2f..%2fetc",
        "/sandboxes/%00"
      })
  void unknownIdsAreNotFound(String path) {
    Reply reply = given.api.get(path);
    assertTrue(reply.status() == 404 || reply.status() == 400, reply::toString);
    assertTrue(!reply.string("code").isBlank());
  }

  @Test
  void theWrongMethodAndTheUnknownRouteAreCoded() {
    Reply reply = given.api.delete("/sandboxes");
    assertTrue(reply.status() == 405 || reply.status() == 404, reply::toString);
    given.api.get("/definitely-not-a-route").expectError(404, "NOT_FOUND");
  }

  @Test
  void noKeyAndAWrongKeyAreToldApart() {
    Reply wrong = given.api.withKey("msk_live_" + "A".repeat(43)).get("/sandboxes");
    wrong.expectError(401, "invalid_token");
    Reply none = given.api.withKey("").get("/sandboxes");
    assertEquals(401, none.status(), none::toString);
  }

  @Test
  void aShapeLargerThanTheMachineIsRefusedWithWhatFits() {
    Map<String, Object> shape = new HashMap<>();
    shape.put("cpu_count", 4096);
    shape.put("memory_mb", 64 << 20);
    shape.put("disk_size_mb", 10240);
    Reply reply = given.api.post("/sandboxes", shape).expect(422);
    assertTrue(reply.text().contains("memory_mb") || reply.text().contains("cpu_count"));
  }

  @Test
  void idsOfAnotherOrganizationInABodyAreRefused() {
    Reply theirs = given.stranger.get("/workspaces").expect(200);
    String workspace = theirs.json().path("data").get(0).path("id").asString();
    Reply reply = given.api.post("/sandboxes", Map.of("workspace_id", workspace));
    assertTrue(reply.status() == 404 || reply.status() == 422, reply::toString);
  }

  @Test
  void corsIsAnsweredOnEveryRoute() {
    Reply reply =
        given.api.send(
            "OPTIONS",
            "/sandboxes",
            java.net.http.HttpRequest.BodyPublishers.noBody(),
            Map.of("Origin", "https://app.example", "Access-Control-Request-Method", "POST"));
    assertEquals(2, reply.status() / 100, reply::toString);
    assertTrue(
        reply
            .header("access-control-allow-headers")
            .toLowerCase(java.util.Locale.ROOT)
            .contains("idempotency-key"));
  }
}
