package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.Guard;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A network that a create on E2B's wire asks for is held back from the claim of the machine on. */
final class E2bNetworkTest {
  private static final String CREATE = "/e2b/v2/sandboxes";

  private static PlatformWithNode running;
  private ApiClient api;

  @BeforeAll
  static void begin() throws Exception {
    running = new PlatformWithNode();
  }

  @AfterAll
  static void end() throws Exception {
    running.close();
  }

  @BeforeEach
  void own() {
    api = running.someone();
  }

  /** Whatever is left of them another platform on the same database would look for a machine of. */
  @AfterEach
  void clear() {
    api.get("/sandboxes?limit=100")
        .json()
        .path("data")
        .valueStream()
        .map(one -> one.path("id").asString())
        .forEach(id -> assertEquals(204, api.delete("/sandboxes/" + id).status()));
    PlatformWithNode.await(
        () -> api.get("/sandboxes?state=running,paused").json().path("data").isEmpty());
  }

  private String created(String template, String network) {
    Answer made =
        api.post(CREATE, "{\"templateID\":\"" + template + "\"," + network + ",\"timeout\":60}");
    assertEquals(201, made.status(), made.text());
    return "sbx_" + made.json().path("sandboxID").asString();
  }

  private static Guard claimed(String id) {
    Guard guard = running.node().claimed.get(id);
    assertTrue(guard != null, id);
    return guard;
  }

  private JsonNode policy(String id) {
    Answer answer = api.get("/sandboxes/" + id + "/network-policy");
    assertEquals(200, answer.status(), answer.text());
    return answer.json();
  }

  private List<String> rules(String id) {
    Answer answer = api.get("/egress/allowlist?resource_type=sandbox&resource_id=" + id);
    assertEquals(200, answer.status(), answer.text());
    return answer
        .json()
        .path("rules")
        .valueStream()
        .map(rule -> rule.path("effect").asString() + " " + rule.path("host").asString())
        .sorted()
        .toList();
  }

  @Test
  void aClosedOneIsClosedWhenItIsClaimed() {
    String id = created("base", "\"allow_internet_access\":false");
    assertTrue(claimed(id).getProxied());
    assertTrue(claimed(id).getClosed());
    assertEquals("deny", policy(id).path("default_effect").asString());
    assertEquals("enforce", policy(id).path("mode").asString());
    assertEquals("sandbox", policy(id).path("source").asString());
    assertEquals(List.of(), rules(id));
    // It stays as it is shown, and goes when the sandbox goes.
    JsonNode shown = api.get("/e2b/sandboxes/" + id.substring(4)).json().path("network");
    assertEquals("0.0.0.0/0", shown.path("denyOut").path(0).asString(), shown::toString);
    assertEquals(204, api.delete("/e2b/sandboxes/" + id.substring(4)).status());
  }

  @Test
  void whatIsAllowedAndDeniedIsInTheClaim() {
    String id =
        created(
            "base",
            "\"network\":{\"allowOut\":[\"1.2.3.4\",\"api.test\"],\"denyOut\":[\"0.0.0.0/0\"]}");
    assertTrue(claimed(id).getClosed());
    assertEquals(List.of("1.2.3.4"), claimed(id).getOpenedList());
    assertEquals(List.of("allow 1.2.3.4/32", "allow api.test"), rules(id));
    String partly = created("base", "\"network\":{\"denyOut\":[\"9.9.9.0/24\"]}");
    assertTrue(claimed(partly).getProxied());
    assertFalse(claimed(partly).getClosed());
    assertEquals(List.of("9.9.9.0-9.9.9.255"), claimed(partly).getShutList());
    assertEquals("allow", policy(partly).path("default_effect").asString());
    assertFalse(claimed(created("base", "\"allow_internet_access\":true")).getProxied());
  }

  @Test
  void whatIsOnlyWatchedOtherwiseIsEnforcedForIt() {
    String watched = "{\"mode\":\"audit_only\",\"default_effect\":\"deny\"}";
    assertEquals(200, api.call("PATCH", "/egress/policies", watched).status());
    String id = created("base", "\"network\":{\"denyOut\":[\"9.9.9.9\"]}");
    assertEquals(List.of("9.9.9.9"), claimed(id).getShutList());
    assertEquals("enforce", policy(id).path("mode").asString());
    assertEquals("sandbox", policy(id).path("source").asString());
    assertEquals("allow", policy(id).path("default_effect").asString());
  }

  @Test
  void soIsOneThatBeginsWithASnapshot() {
    String source = created("base", "\"network\":{\"denyOut\":[\"9.9.9.9\",\"old.test\"]}");
    Answer taken = api.post("/sandboxes/" + source + "/snapshots", "{}");
    assertEquals(201, taken.status(), taken.text());
    String snapshot = taken.json().path("id").asString();
    String more = created(snapshot, "\"network\":{\"denyOut\":[\"8.8.8.8\",\"old.test\"]}");
    assertEquals(List.of("8.8.8.8", "9.9.9.9"), claimed(more).getShutList());
    assertEquals(List.of("deny 8.8.8.8/32", "deny 9.9.9.9/32", "deny old.test"), rules(more));
    String closed = created(snapshot, "\"allow_internet_access\":false");
    assertTrue(claimed(closed).getClosed());
    assertEquals(List.of(), rules(closed));
    String same = created(snapshot, "\"allow_internet_access\":true");
    assertEquals(List.of("9.9.9.9"), claimed(same).getShutList());
    assertEquals(List.of("deny 9.9.9.9/32", "deny old.test"), rules(same));
  }

  @Test
  void aRepeatedCreateIsOneSandboxWithOneNetwork() {
    String body = "{\"templateID\":\"base\",\"network\":{\"denyOut\":[\"a.test\"]}}";
    ApiClient keyed = api.with("Idempotency-Key", "again");
    JsonNode first = keyed.post(CREATE, body).json();
    JsonNode again = keyed.post(CREATE, body).json();
    assertEquals(first.path("sandboxID").asString("?"), again.path("sandboxID").asString("!"));
    assertEquals(List.of("deny a.test"), rules("sbx_" + first.path("sandboxID").asString()));
  }

  @Test
  void whatCannotHoldLeavesNoSandbox() {
    Set<String> before = Set.copyOf(running.node().claimed.keySet());
    assertRefused("\"network\":{\"denyOut\":[\"a b\"]}", 400);
    assertRefused("\"network\":{\"denyOut\":[\"1.2.3.4/99\"]}", 400);
    String ranges =
        IntStream.range(0, 1_025)
            .mapToObj(i -> "\"9." + i / 100 + "." + i % 100 * 2 + ".0/24\"")
            .collect(Collectors.joining(","));
    assertRefused("\"network\":{\"denyOut\":[" + ranges + "]}", 400);
    String scopes = "{\"name\":\"narrow\",\"scopes\":[\"sandboxes:create\",\"sandboxes:read\"]}";
    Answer key = api.post("/api-keys", scopes);
    assertEquals(201, key.status(), key.text());
    ApiClient narrow = api.as(key.json().path("data").path("key").asString());
    String closed = "{\"templateID\":\"base\",\"allow_internet_access\":false}";
    Answer refused = narrow.post(CREATE, closed);
    assertEquals(403, refused.status(), refused.text());
    assertEquals(List.of(), heldBackSince(before));
    assertTrue(api.get("/sandboxes").json().path("data").isEmpty());
  }

  /** Of the workloads claimed since, those with a network: sandboxes that others left have none. */
  private static List<String> heldBackSince(Set<String> before) {
    return running.node().claimed.entrySet().stream()
        .filter(one -> one.getValue().getProxied() && !before.contains(one.getKey()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private Answer replaced(String id, String network) {
    return api.call("PUT", "/e2b/sandboxes/" + id.substring(4) + "/network", network);
  }

  @Test
  void aRefusedReplacementChangesNothing() {
    String id = created("base", "\"network\":{\"denyOut\":[\"9.9.9.9\"]}");
    JsonNode before = policy(id);
    for (String bad :
        List.of(
            "{\"allowOut\":[\"a.test\",\"a b\"],\"denyOut\":[\"0.0.0.0/0\"]}",
            "{\"denyOut\":[\"b.test\",\"x..y\"]}")) {
      Answer refused = replaced(id, bad);
      assertEquals(400, refused.status(), refused.text());
      assertEquals(List.of("deny 9.9.9.9/32"), rules(id));
      assertEquals(before, policy(id));
    }
  }

  @Test
  void aReplacementIsAllThatHolds() {
    String id = created("base", "\"network\":{\"denyOut\":[\"9.9.9.9\",\"a.test\"]}");
    Answer closed =
        replaced(
            id,
            "{\"allowOut\":[\"OPEN.test.\",\"1.2.3.4/32\"],\"denyOut\":[\"0.0.0.0/0\",\"a.test\"]}");
    assertEquals(204, closed.status(), closed.text());
    assertEquals(List.of("allow 1.2.3.4/32", "allow open.test", "deny a.test"), rules(id));
    assertEquals("deny", policy(id).path("default_effect").asString());
    assertEquals("sandbox", policy(id).path("source").asString());
    assertEquals(204, replaced(id, "{}").status());
    assertEquals(List.of(), rules(id));
    assertEquals("none", policy(id).path("source").asString());
    String watched = "{\"mode\":\"audit_only\",\"default_effect\":\"deny\"}";
    assertEquals(200, api.call("PATCH", "/egress/policies", watched).status());
    assertEquals(204, replaced(id, "{\"denyOut\":[\"b.test\"]}").status());
    assertEquals("sandbox", policy(id).path("source").asString());
    assertEquals("allow", policy(id).path("default_effect").asString());
    assertEquals("enforce", policy(id).path("mode").asString());
  }

  private void assertRefused(String network, int status) {
    Answer refused = api.post(CREATE, "{\"templateID\":\"base\"," + network + "}");
    assertEquals(status, refused.status(), refused.text());
  }
}
