package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of egress is bound to a sandbox alone goes with it, and what its copies have stays. */
@Tag("fast")
@Tag("all")
@Timeout(300)
final class EgressLeftoversScenarioTest {
  private static final String HTTP =
      "curl -s -m 8 -o /dev/null -w '%{http_code}' http://shut.test/";

  private final Given given = new Given();

  /** A policy, a rule of it, one beside it, and the binding of a secret. */
  private record Bound(String policy, String part, String rule, String secret, String binding) {}

  private String made(String path, Map<String, Object> body) {
    return Egress.data(given.api.post(path, body), 201).path("id").asString();
  }

  private Bound bind(Sandbox sandbox) {
    Map<String, Object> place = Map.of("resource_type", "sandbox", "resource_id", sandbox.id());
    String policy = made("/egress/policies", Egress.lockOf(sandbox));
    String part = made("/egress/allowlist", Map.of("host", "part.test", "policy_id", policy));
    String rule = made("/egress/allowlist", with(place, "host", "beside.test"));
    String secret =
        made("/egress/secrets", Map.of("name", Given.unique("secret"), "value", "hidden"));
    String binding = made("/egress/bindings", with(place, "secret_id", secret));
    return new Bound(policy, part, rule, secret, binding);
  }

  private static Map<String, Object> with(Map<String, Object> place, String field, Object value) {
    Map<String, Object> all = new java.util.HashMap<>(place);
    all.put(field, value);
    return all;
  }

  private boolean isGone(Bound bound) {
    String rules = given.api.get("/egress/allowlist").expect(200).text();
    String bindings =
        given.api.get("/egress/bindings?secret_id=" + bound.secret()).expect(200).text();
    return given.api.get("/egress/policies/" + bound.policy()).status() == 404
        && !given.api.get("/egress/policies").expect(200).text().contains(bound.policy())
        && !rules.contains(bound.part())
        && !rules.contains(bound.rule())
        && !bindings.contains(bound.binding());
  }

  @Test
  void whatWasBoundToASandboxGoesWithItAndItsCopiesKeepTheirs() {
    try (Sandbox other = given.aSandbox().running()) {
      Bound stays = bind(other);
      Sandbox sandbox = given.aSandbox().running();
      Bound goes = bind(sandbox);
      String organization =
          made("/egress/allowlist", Map.of("host", Given.unique("everywhere") + ".test"));
      String snapshot =
          given.api.post(sandbox.at("/snapshots"), Map.of("keep", true)).expect(201).string("id");
      Reply made = given.api.post(sandbox.at("/fork"), Map.of()).expect(201);
      try (Sandbox fork = new Sandbox(given.api, made.string("id"), made.string("slug"))) {
        given.api.delete(sandbox.at("")).expect(204);
        Given.eventually(10, "it is gone", () -> isGone(goes));
        // The secret itself, what others have and what holds for all stays.
        given.api.get("/egress/secrets/" + goes.secret()).expect(200);
        given.api.get("/egress/policies/" + stays.policy()).expect(200);
        String rules = given.api.get("/egress/allowlist").expect(200).text();
        assertEquals(true, rules.contains(stays.rule()) && rules.contains(organization), rules);
        assertEquals("403", fork.exec(HTTP).stdout());
      }
      Reply again = given.api.post("/snapshots/" + snapshot + "/fork", Map.of()).expect(201);
      try (Sandbox back = new Sandbox(given.api, again.string("id"), again.string("slug"))) {
        assertEquals("403", back.exec(HTTP).stdout());
      }
      given.api.delete("/egress/allowlist/" + organization).expect(204);
      given.api.post(
          "/snapshots/delete",
          Map.of("snapshot_ids", new String[] {snapshot}, "confirm", snapshot));
      given.api.delete("/egress/secrets/" + goes.secret()).expect(204);
      given.api.delete("/egress/secrets/" + stays.secret()).expect(204);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"server.delete.after-commit", "server.delete.after-unroute"})
  void whatWasBoundToASandboxIsGoneThoughTheServerWasKilledAsItEnded(String point)
      throws IOException {
    Crashes crashes = new Crashes(given, Host.of(given.target));
    Sandbox sandbox = given.aSandbox().running();
    Bound goes = bind(sandbox);
    assertNotEquals("200", sandbox.exec(HTTP).stdout());
    crashes.arm(point);
    try {
      crashes.insistOnDelete(sandbox.at(""));
      crashes.await(point);
    } finally {
      crashes.disarm();
    }
    Given.eventually(30, "it is gone", () -> isGone(goes));
    given.api.delete("/egress/secrets/" + goes.secret()).expect(204);
  }
}
