package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Secrets that the proxy puts into requests, and that no sandbox sees. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EgressSecretsScenarioTest {
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
  void aSecretIsPutIntoRequestsForItsHostsAndNeverShown() {
    try (Sandbox one = given.aSandbox().running()) {
      Map<String, Object> body = new HashMap<>();
      body.put("name", "token");
      body.put("type", "bearer");
      body.put("value", "s3cret-s3cret-s3cret");
      body.put("hosts", new String[] {"http://open.test"});
      body.put("resource_type", "sandbox");
      body.put("resource_id", one.id());
      Reply made = given.api.post("/egress/secrets", body).expect(201);
      assertFalse(made.text().contains("s3cret-s3cret"), made::toString);
      String id = made.json().path("data").path("id").asString();
      String asked = "curl -s -m 8 -H 'Authorization: mine' http://";
      assertTrue(
          one.run(asked + "open.test/").contains("authorization=Bearer s3cret-s3cret-s3cret"));
      assertTrue(one.run(asked + "shut.test/").contains("authorization=mine"));
      assertFalse(
          one.run("env; cat /proc/*/environ 2>/dev/null | tr '\\0' ' '").contains("s3cret"));
      given
          .api
          .json("PATCH", "/egress/secrets/" + id, Map.of("value", "n3w-n3w-n3w-n3w-n3w"), Map.of())
          .expect(200);
      assertTrue(one.run(asked + "open.test/").contains("Bearer n3w-"));
      given
          .api
          .json(
              "PATCH",
              "/egress/secrets/" + id,
              Map.of("value", "gone", "expires_at", "2020-01-01T00:00:00Z"),
              Map.of())
          .expect(200);
      assertTrue(one.run(asked + "open.test/").contains("EGRESS_SECRET_UNAVAILABLE"));
      given
          .api
          .json(
              "PATCH",
              "/egress/secrets/" + id,
              Map.of("value", "back-back-back", "expires_at", "2099-01-01T00:00:00Z"),
              Map.of())
          .expect(200);
      assertTrue(one.run(asked + "open.test/").contains("Bearer back-"));
      given.stranger.get("/egress/secrets/" + id).expect(404);
      given.api.delete("/egress/secrets/" + id).expect(204);
      assertTrue(one.run(asked + "open.test/").contains("authorization=mine"));
    }
  }

  private String secret(String value, String host, Map<String, String> resource) {
    Map<String, Object> body = new HashMap<>(resource);
    body.put("name", "token");
    body.put("type", "bearer");
    body.put("value", value);
    body.put("hosts", new String[] {host});
    return Egress.data(given.api.post("/egress/secrets", body), 201).path("id").asString();
  }

  @Test
  void theSecretThatIsBoundNearestIsPutIntoTheRequestWhicheverIsNewer() {
    try (Sandbox one = given.aSandbox().running();
        Sandbox other = given.aSandbox().running()) {
      String asked = "curl -s -m 8 http://open.test/";
      Map<String, String> mine = Map.of("resource_type", "sandbox", "resource_id", one.id());
      String wide = secret("of-its-wildcard", "http://*.open.test", mine);
      String own = secret("of-the-sandbox", "http://open.test", mine);
      String common =
          secret(
              "of-the-organization", "http://open.test", Map.of("resource_type", "organization"));
      assertTrue(one.run(asked).contains("authorization=Bearer of-the-sandbox"));
      assertTrue(other.run(asked).contains("authorization=Bearer of-the-organization"));
      given.api.delete("/egress/secrets/" + own).expect(204);
      assertTrue(one.run(asked).contains("authorization=Bearer of-the-organization"));

      // Nearer is more than exact, and newer than nothing.
      String below = "curl -s -m 8 http://sub.open.test/";
      String exact =
          secret("of-the-name", "http://sub.open.test", Map.of("resource_type", "organization"));
      assertTrue(one.run(below).contains("authorization=Bearer of-its-wildcard"));
      assertTrue(other.run(below).contains("authorization=Bearer of-the-name"));
      for (String id : List.of(wide, common, exact)) {
        given.api.delete("/egress/secrets/" + id).expect(204);
      }
    }
  }

  /** Behind TLS that the proxy verifies as any client would: one authority is the owner's own. */
  @Test
  void aSecretIsPutIntoTlsOnlyWhereTheHostProvesWhoItIs() {
    try (Sandbox one = given.aSandbox().running()) {
      Map<String, Object> body = new HashMap<>();
      body.put("name", "token");
      body.put("type", "bearer");
      body.put("value", "s3aled-s3aled-s3aled");
      body.put("hosts", new String[] {"proven.test", "open.test"});
      body.put("resource_type", "sandbox");
      body.put("resource_id", one.id());
      String id = Egress.data(given.api.post("/egress/secrets", body), 201).path("id").asString();
      String asked = "curl -s -m 8 -H 'Authorization: mine' https://";
      Given.eventually(
          10,
          "the secret is in the request",
          () ->
              one.exec(asked + "proven.test/a")
                  .stdout()
                  .equals(
                      "outside GET /a host=proven.test authorization=Bearer s3aled-s3aled-s3aled"
                          + " body=0"));
      for (String method : List.of("TRACE", "trace", "TRACK")) {
        String echo = one.run("curl -s -m 8 -X " + method + " https://proven.test/");
        assertTrue(echo.contains("EGRESS_SECRET_WOULD_SHOW"), echo);
      }
      // The same server, under a name that its certificate does not have.
      String unproven = one.exec(asked + "open.test/a").stdout();
      assertTrue(unproven.contains("EGRESS_CERTIFICATE_NOT_TRUSTED"), unproven);
      // Where no secret goes, the proxy sees nothing.
      assertTrue(one.run("curl -sk -m 8 https://shut.test/").contains("authorization=null"));
      assertEquals("200", Egress.status(one, "-X TRACE https://shut.test/"));
      given.api.delete("/egress/secrets/" + id).expect(204);
    }
  }

  @Test
  void aSecretIsAVariableWhenThatIsWanted() {
    try (Sandbox one = given.aSandbox().running()) {
      String id =
          Egress.data(
                  given.api.post(
                      "/egress/secrets",
                      Map.of(
                          "name", "token",
                          "value", "v1",
                          "expose_as_env", "TOKEN",
                          "resource_type", "sandbox",
                          "resource_id", one.id())),
                  201)
              .path("id")
              .asString();
      assertEquals("v1", one.run("echo $TOKEN"));
      assertFalse(given.api.get(one.at("/env")).expect(200).text().contains("v1"));
      given.api.json("PATCH", "/egress/secrets/" + id, Map.of("value", "v2"), Map.of()).expect(200);
      assertEquals("v2", one.run("echo $TOKEN"));
      given.api.delete("/egress/secrets/" + id).expect(204);
      assertEquals("", one.run("echo $TOKEN"));
    }
  }

  @Test
  void noCopyOfASandboxHasTheVariableOfASecret() {
    try (Sandbox one = given.aSandbox().with("env", Map.of("PLAIN", "p")).running()) {
      exposed(one, "v1");
      assertEquals("p v1", one.run("echo $PLAIN $TOKEN"));
      try (Sandbox fork = copy(one.at("/fork"))) {
        assertEquals("p", fork.run("echo $PLAIN $TOKEN"));
      }
      String snapshot =
          given.api.post(one.at("/snapshots"), Map.of("name", "s")).expect(201).string("id");
      try (Sandbox restored = copy("/snapshots/" + snapshot + "/fork")) {
        assertEquals("p", restored.run("echo $PLAIN $TOKEN"));
      }
      assertEquals("p v1", one.run("echo $PLAIN $TOKEN"));
    }
  }

  @Test
  void aVariableIsOfTheSecretThatIsStillBound() {
    try (Sandbox one = given.aSandbox().running()) {
      String old = exposed(one, "v1");
      String next = exposed(one, "v2");
      assertEquals("v2", one.run("echo $TOKEN"));
      given.api.delete("/egress/secrets/" + next).expect(204);
      assertEquals("v1", one.run("echo $TOKEN"));
      List<Map<String, String>> own = List.of(Map.of("key", "TOKEN", "value", "mine"));
      given.api.json("PUT", one.at("/env"), Map.of("vars", own), Map.of()).expect(200);
      given.api.delete("/egress/secrets/" + old).expect(204);
      assertEquals("mine", one.run("echo $TOKEN"));
    }
  }

  /** What was taken away is taken away, also while nobody can tell the machine. */
  @Test
  void aVariableGoesWithItsSecretThoughTheNodeIsAway() {
    try (Sandbox one = given.aSandbox().running()) {
      String id = exposed(one, "v1");
      try (Host.Standstill _ = egress.host().hold("node")) {
        given.api.delete("/egress/secrets/" + id);
        given.api.get("/egress/secrets/" + id).expect(404);
      }
      Crashes.eventually(
          150, "the variable is gone", () -> one.exec("echo $TOKEN").stdout().isBlank());
    }
  }

  private Sandbox copy(String from) {
    Reply made = given.api.post(from, Map.of()).expect(201);
    return new Sandbox(given.api, made.string("id"), made.string("slug"));
  }

  private String exposed(Sandbox sandbox, String value) {
    return Egress.data(
            given.api.post(
                "/egress/secrets",
                Map.of(
                    "name",
                    Given.unique("token"),
                    "value",
                    value,
                    "expose_as_env",
                    "TOKEN",
                    "resource_type",
                    "sandbox",
                    "resource_id",
                    sandbox.id())),
            201)
        .path("id")
        .asString();
  }
}
