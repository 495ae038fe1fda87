package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The network policy of a sandbox: a list that is read from the top, and held to. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NetworkPolicyScenarioTest {
  private final Given given = new Given();
  private Outside outside;
  private Sandbox sandbox;

  @BeforeAll
  void start() {
    outside =
        new Outside(
                given.target,
                Map.of(
                    "open.test", Outside.ADDRESS,
                    "sub.open.test", Outside.ADDRESS,
                    "shut.test", Outside.ADDRESS))
            .ready();
    sandbox = given.aSandbox().running();
  }

  @AfterAll
  void stop() {
    sandbox.close();
    outside.close();
  }

  private String path() {
    return sandbox.at("/network-policy");
  }

  private static Map<String, Object> rule(
      String effect, String destination, @Nullable String ports) {
    Map<String, Object> rule = new HashMap<>();
    rule.put("effect", effect);
    rule.put("destination", destination);
    if (ports != null) {
      rule.put("ports", ports);
    }
    return rule;
  }

  private Reply set(String otherwise, List<Map<String, Object>> rules) {
    return given.api.json(
        "PUT", path(), Map.of("default_effect", otherwise, "rules", rules), Map.of());
  }

  private String status(String url) {
    return sandbox.exec("curl -sk -m 8 -o /dev/null -w '%{http_code}' " + url).stdout();
  }

  @Test
  void rulesAreReadFromTheTopAndHoldAtOnce() {
    given.api.delete(path()).expect(200);
    assertEquals("200", status("http://shut.test/"));
    Reply before = given.api.get(path()).expect(200);
    assertEquals("allow", before.string("default_effect"));
    assertEquals("none", before.string("source"));

    Reply closed =
        set(
                "deny",
                List.of(
                    rule("deny", "sub.open.test", null),
                    rule("allow", "*.open.test", null),
                    rule("allow", "open.test", "443")))
            .expect(200);
    assertEquals("sandbox", closed.string("source"));
    assertEquals(3, closed.json().path("data").path("rules").size(), closed::toString);
    assertEquals("200", status("https://open.test/"));
    assertEquals("403", status("http://open.test/"));
    assertEquals("403", status("http://sub.open.test/"));
    assertEquals("403", status("http://shut.test/"));

    // The other way around the first of them allows what the second denies.
    set("deny", List.of(rule("allow", "*.open.test", null), rule("deny", "sub.open.test", null)))
        .expect(200);
    assertEquals("200", status("http://sub.open.test/"));

    Reply open = set("allow", List.of(rule("deny", "shut.test", "80"))).expect(200);
    assertEquals(closed.string("policy_id"), open.string("policy_id"));
    assertEquals(1, open.json().path("rules").size(), open::toString);
    assertEquals("403", status("http://shut.test/"));
    assertEquals("200", status("https://shut.test/"));
    assertEquals("200", status("http://open.test/"));
    JsonNode shown = given.api.get(path()).expect(200).json().path("rules").get(0);
    assertEquals("shut.test", shown.path("destination").asString());
    assertEquals("80", shown.path("ports").asString());

    Reply reset = given.api.delete(path()).expect(200);
    assertEquals("none", reset.string("source"));
    assertEquals("200", status("http://shut.test/"));
    given.api.delete(path()).expect(200);
  }

  @Test
  void rangesOfAddressesHoldOnEveryPort() {
    String port = Egress.PORT.formatted(Outside.ADDRESS, 8080);
    given.api.delete(path()).expect(200);
    assertEquals("0", sandbox.run(port));
    set("deny", List.of()).expect(200);
    assertNotEquals("0", sandbox.run(port));
    assertEquals("403", status("http://" + Outside.ADDRESS + "/"));
    set("deny", List.of(rule("deny", "11.47.11.0/31", null), rule("allow", "11.47.11.0/24", null)))
        .expect(200);
    assertEquals("0", sandbox.run(port));
    assertEquals("200", status("http://" + Outside.ADDRESS + "/"));
    assertEquals("200", status("https://" + Outside.ADDRESS + "/"));
    assertEquals("403", status("http://open.test/"), "a range opens no name");
    set("deny", List.of(rule("deny", Outside.ADDRESS, null), rule("allow", "11.47.0.0/16", null)))
        .expect(200);
    assertNotEquals("0", sandbox.run(port));
    assertEquals("403", status("http://" + Outside.ADDRESS + "/"));
    set("allow", List.of(rule("allow", "open.test", null), rule("deny", Outside.ADDRESS, null)))
        .expect(200);
    assertNotEquals("0", sandbox.run(port));
    assertEquals("403", status("http://" + Outside.ADDRESS + "/"));
    assertEquals("403", status("http://shut.test/"), "a name leads to what is denied");
    assertEquals("000", status("https://sub.open.test/"));
    assertEquals("200", status("http://open.test/"));
    // No rule opens what the owner of the machine has closed.
    set("deny", List.of(rule("allow", "0.0.0.0/0", null))).expect(200);
    for (String closed : List.of("169.254.169.254", "10.0.0.1", "127.0.0.1", Outside.HOST_END)) {
      assertNotEquals("200", status("http://" + closed + "/"), closed);
      assertNotEquals("0", sandbox.run(Egress.PORT.formatted(closed, 8080)), closed);
    }
    given.api.delete(path()).expect(200);
  }

  @ParameterizedTest
  @CsvSource({
    "maybe, a.test, , , rules[0].effect",
    "deny, 10.0.0.0/33, , , rules[0].destination",
    "deny, 10.0.0.256, , , rules[0].destination",
    "deny, 010.0.0.1, , , rules[0].destination",
    "deny, ::/0, , , rules[0].destination",
    "deny, 10.0.0.0/8, 443, , rules[0].ports",
    "deny, a b, , , rules[0].destination",
    "deny, a.test, 25, , rules[0].ports",
    "deny, a.test, 99999, , rules[0].ports",
    "deny, a.test, , udp, rules[0].protocol",
  })
  void whatCannotBeHeldToIsRefused(
      String effect,
      String destination,
      @Nullable String ports,
      @Nullable String protocol,
      String field) {
    Map<String, Object> rule = rule(effect, destination, ports);
    if (protocol != null) {
      rule.put("protocol", protocol);
    }
    set("allow", List.of(rule)).expectFieldError(field);
    set("perhaps", List.of()).expectFieldError("default_effect");
    List<Map<String, Object>> many =
        java.util.Collections.nCopies(201, rule("deny", "a.test", null));
    set("allow", many).expectFieldError("rules");
  }

  @Test
  void othersSeeAndChangeNothing() {
    given.stranger.get(path()).expectError(404, "sandbox_not_found");
    given.stranger.delete(path()).expectError(404, "sandbox_not_found");
    given
        .stranger
        .json("PUT", path(), Map.of("rules", List.of()), Map.of())
        .expectError(404, "sandbox_not_found");
  }

  @Test
  void aPolicyOfTheWholeOrganizationShowsThrough() {
    given.api.delete(path()).expect(200);
    Map<String, Object> wish =
        Map.of("name", "observe", "mode", "audit_only", "default_effect", "allow");
    String id =
        given
            .api
            .post("/egress/policies", wish)
            .expect(201)
            .json()
            .path("data")
            .path("id")
            .asString();
    try {
      Reply shown = given.api.get(path()).expect(200);
      assertEquals("organization", shown.string("source"));
      assertEquals(id, shown.string("policy_id"));
      assertTrue(shown.text().contains("audit_only"), shown::toString);
    } finally {
      given.api.delete("/egress/policies/" + id).expect(204);
    }
  }
}
