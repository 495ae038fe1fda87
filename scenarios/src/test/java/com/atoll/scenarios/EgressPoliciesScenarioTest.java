package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Policies and rules: whom they hold for, from when on, and what they write down. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EgressPoliciesScenarioTest {
  private final Given given = new Given();
  private Egress egress;

  @BeforeAll
  void start() {
    egress = new Egress(given);
  }

  @AfterAll
  void stop() {
    egress.close();
  }

  @Test
  void aChangeIsInForceWithinASecond() {
    assertEquals("403", Egress.status(egress.sandbox(), "http://later.test/"));
    String rule = egress.allow("later.test", Map.of());
    assertEquals("200", Egress.status(egress.sandbox(), "http://later.test/"));
    assertEquals("200", Egress.status(egress.sandbox(), "https://later.test/"));
    // An open connection ends with its permission.
    egress
        .sandbox()
        .exec(
            "(exec 3<>/dev/tcp/later.test/80; printf 'POST / HTTP/1.1\\r\\nHost: later.test\\r\\nContent-Length: 5\\r\\n\\r\\n' >&3;"
                + " touch /tmp/asked; cat <&3 >/dev/null; touch /tmp/ended) >/dev/null 2>&1 &");
    Given.eventually(
        10,
        "a connection is open",
        () -> egress.sandbox().exec("test -e /tmp/asked").exitCode() == 0);
    given.api.delete("/egress/allowlist/" + rule).expect(204);
    assertEquals("403", Egress.status(egress.sandbox(), "http://later.test/"));
    assertEquals("000", Egress.status(egress.sandbox(), "https://later.test/"));
    Given.eventually(
        3,
        "the open connection ended",
        () -> egress.sandbox().exec("test -e /tmp/ended").exitCode() == 0);
  }

  @Test
  void observingRefusesNothingAndSuggests() {
    try (Sandbox watched = given.aSandbox().running()) {
      String id = egress.lock(watched);
      given
          .api
          .json("PATCH", "/egress/policies/" + id, Map.of("mode", "audit_only"), Map.of())
          .expect(200);
      assertEquals("200", Egress.status(watched, "http://shut.test/observed"));
      assertEquals("200", Egress.status(watched, "https://shut.test/"));
      assertEquals("200", Egress.status(watched, "http://" + Outside.ADDRESS + ":8080/"));
      String calls = "/egress/audit?resource_id=" + watched.id();
      Given.eventually(
          5,
          "both calls are written down",
          () -> given.api.get(calls).expect(200).json().path("events").size() >= 2);
      JsonNode call =
          given.api.get(calls + "&action=would_deny&host=shut.test").json().path("events").get(0);
      assertEquals("deny", call.path("effect").asString());
      Egress.data(given.api.get("/egress/audit/" + call.path("id").asString()), 200);
      given.stranger.get("/egress/audit/" + call.path("id").asString()).expect(404);
      JsonNode suggested =
          given
              .api
              .get("/egress/audit/suggestions?since=1h&resource_id=" + watched.id())
              .expect(200)
              .json()
              .path("suggestions")
              .get(0);
      assertEquals("shut.test", suggested.path("host").asString());
      assertEquals(2, suggested.path("denied_count").asInt());
      given
          .api
          .json("PATCH", "/egress/policies/" + id, Map.of("mode", "enforce"), Map.of())
          .expect(200);
      assertEquals("403", Egress.status(watched, "http://shut.test/"));
      assertNotEquals("0", watched.run(Egress.PORT.formatted(Outside.ADDRESS, 8080)));
      given.api.delete("/egress/policies/" + id).expect(204);
      assertEquals("200", Egress.status(watched, "http://shut.test/"));
      assertEquals("200", Egress.status(watched, "http://" + Outside.ADDRESS + ":8080/"));
    }
  }

  @Test
  void aDenialAloneLeavesTheRestOpen() {
    try (Sandbox one = given.aSandbox().running()) {
      egress.rule(one, "deny", "shut.test", Map.of());
      assertEquals("403", Egress.status(one, "http://shut.test/"));
      assertEquals("200", Egress.status(one, "http://open.test/"));
      assertEquals("200", Egress.status(one, "http://" + Outside.ADDRESS + ":8080/"));
    }
  }

  @Test
  void aWorkspacesPolicyHoldsFromTheFirstCommandOn() {
    String name = Given.unique("locked");
    String workspace =
        Egress.data(given.api.post("/workspaces", Map.of("name", name, "slug", name)), 201)
            .path("id")
            .asString();
    String id =
        Egress.data(
                given.api.json(
                    "PATCH",
                    "/egress/policies",
                    Map.of(
                        "mode", "enforce",
                        "resource_type", "workspace",
                        "resource_id", workspace),
                    Map.of()),
                200)
            .path("id")
            .asString();
    try (Sandbox born = given.aSandbox().with("workspace_id", workspace).running()) {
      assertNotEquals("0", born.run(Egress.PORT.formatted(Outside.ADDRESS, 8080)));
      assertEquals("403", Egress.status(born, "http://open.test/"));
      JsonNode shown =
          given
              .api
              .get("/egress/policies?resource_type=egress.sandbox()&resource_id=" + born.id())
              .expect(200)
              .json()
              .path("policies");
      assertEquals(1, shown.size());
      assertTrue(shown.get(0).path("effective").asBoolean());
      given.api.post(born.at("/pause"), Map.of()).expect(200);
      assertNotEquals("0", born.run(Egress.PORT.formatted(Outside.ADDRESS, 8080)));
      assertEquals("403", Egress.status(born, "http://open.test/"));
      given
          .stranger
          .json("PATCH", "/egress/policies/" + id, Map.of("mode", "audit_only"), Map.of())
          .expect(404);
      given
          .stranger
          .post(
              "/egress/allowlist",
              Map.of("host", "*", "resource_type", "sandbox", "resource_id", born.id()))
          .expect(404);
      given.stranger.post("/egress/allowlist", Map.of("host", "*", "policy_id", id)).expect(404);
      given.stranger.post("/egress/allowlist", Map.of("host", "*")).expect(201);
      assertEquals("403", Egress.status(born, "http://open.test/"));
    } finally {
      given.api.delete("/egress/policies/" + id).expect(204);
    }
  }

  @Test
  void whatIsWrongIsNamed() {
    Map<String, Object> bad = Map.of("host", "http://x", "effect", "maybe");
    given.api.post("/egress/allowlist", bad).expect(422);
    given.api.post("/egress/policies", Map.of("name", "x", "mode", "off")).expect(422);
    given.api.post("/egress/policies", Map.of()).expect(422);
    given.api.post("/egress/policies", Map.of("name", "x", "resource_type", "sandbox")).expect(422);
    given
        .api
        .post(
            "/egress/policies",
            Map.of("name", "x", "resource_type", "sandbox", "resource_id", "sbx_none"))
        .expect(404);
    given.api.get("/egress/audit?since=yesterday").expect(400);
    given.api.get("/egress/policies/egp_none").expect(404);
  }

  @Test
  void aRepeatedCreateMakesOneRule() {
    String key = Given.unique("key");
    Map<String, Object> body =
        Map.of(
            "host",
            Given.unique("once") + ".test",
            "resource_type",
            "sandbox",
            "resource_id",
            egress.sandbox().id());
    String first =
        Egress.data(
                given.api.json("POST", "/egress/allowlist", body, Map.of("Idempotency-Key", key)),
                201)
            .path("id")
            .asString();
    String again =
        Egress.data(
                given.api.send(
                    "POST",
                    "/egress/allowlist",
                    BodyPublishers.ofByteArray(Reply.JSON.writeValueAsBytes(body)),
                    Map.of("Idempotency-Key", key)),
                201)
            .path("id")
            .asString();
    assertEquals(first, again);
  }
}
