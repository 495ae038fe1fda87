package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Who did what to which resource, from where. */
@Tag("fast")
@Tag("all")
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AuditScenarioTest {
  private final Given given = new Given();
  private final String customer = Given.unique("customer");
  private Sandbox sandbox;

  @BeforeAll
  void aSandboxOfACustomer() {
    sandbox = given.aSandbox().with("external_user_id", customer).running();
  }

  @AfterAll
  void release() {
    sandbox.close();
  }

  private List<JsonNode> entries(String query) {
    List<JsonNode> found = new ArrayList<>();
    given.api.get("/audit-log?" + query).expect(200).json().path("data").forEach(found::add);
    return found;
  }

  private JsonNode single(String query) {
    List<JsonNode> found = entries(query);
    assertEquals(1, found.size(), () -> query + ": " + found);
    return found.getFirst();
  }

  @Test
  void aChangeIsRecordedWithItsActorAndAttribution() {
    JsonNode entry = single("action=sandbox.created&resource_id=" + sandbox.id());
    assertEquals("api_key", entry.path("actor_type").asString());
    assertEquals(me(), entry.path("actor_id").asString());
    assertEquals("sandbox.create", entry.path("operation").asString());
    assertEquals(customer, entry.path("external_user_id").asString());
    assertEquals("127.0.0.1", entry.path("ip_address").asString());
    assertTrue(entry.path("request_id").asString().startsWith("req_"));
    assertFalse(entry.path("workspace_id").isNull());
  }

  @Test
  void theOperationFindsWhatCameOfIt() {
    for (String asked : List.of("action=sandbox.create", "type=sandbox.crea*")) {
      Reply list =
          given.api.get("/audit-log?resource_id=" + sandbox.id() + "&" + asked).expect(200);
      assertTrue(list.text().contains("sandbox.created"), list::toString);
    }
  }

  @Test
  void whatLeavesNothingInTheDatabaseIsRecordedTooBeforeItIsAnswered() {
    Reply ran = given.api.post(sandbox.at("/exec"), Map.of("command", "true")).expect(200);
    JsonNode entry = single("request_id=" + ran.header("X-Request-ID"));
    assertEquals("sandbox.exec", entry.path("action").asString());
    assertEquals(sandbox.id(), entry.path("resource_id").asString());
    assertEquals(customer, entry.path("external_user_id").asString());
    Map<String, Object> file = Map.of("path", "/workspace/a", "content", "eA==");
    Reply wrote = given.api.post(sandbox.at("/fs/write"), file).expect(201);
    assertEquals(
        "sandbox.write.file",
        single("request_id=" + wrote.header("X-Request-ID")).path("action").asString());
  }

  @Test
  void whatChangesNothingIsNotRecorded() {
    Reply read = given.api.get(sandbox.at("")).expect(200);
    assertEquals(List.of(), entries("request_id=" + read.header("X-Request-ID")));
    Reply refused = given.api.post("/sandboxes", Map.of("size", "gigantic"));
    assertEquals(422, refused.status());
    assertEquals(List.of(), entries("request_id=" + refused.header("X-Request-ID")));
  }

  @Test
  void aReplayIsRecordedOnce() {
    Map<String, String> key = Map.of("Idempotency-Key", Given.unique("once"));
    Map<String, Object> body = Map.of("name", Given.unique("audit"));
    Reply first = given.api.json("POST", "/api-keys", body, key).expect(201);
    Reply again = given.api.json("POST", "/api-keys", body, key).expect(201);
    assertEquals("true", again.header("Idempotency-Replayed"));
    String id = first.json().path("data").path("id").asString();
    JsonNode entry = single("resource_id=" + id);
    assertEquals("key.created", entry.path("type").asString());
    assertFalse(entry.toString().contains(first.json().path("data").path("key").asString()));
    given.api.delete("/api-keys/" + id).expect(204);
  }

  @Test
  void filtersNarrowByAttributionTimeAndPage() {
    assertTrue(entries("external_user_id=" + customer).size() >= 1);
    assertEquals(
        List.of(), entries("external_user_id=" + customer + "&until=2020-01-01T00:00:00Z"));
    Reply two = given.api.get("/audit-log?limit=2").expect(200);
    String cursor = two.json().path("meta").path("next_cursor").asString();
    JsonNode next = given.api.get("/audit-log?limit=2&cursor=" + cursor).expect(200).json();
    assertNotEquals(two.json().path("data").get(1).path("id"), next.path("data").get(0).path("id"));
    given.api.get("/audit-log?since=yesterday").expectError(400, "INVALID_PARAM");
    String id = single("action=sandbox.created&resource_id=" + sandbox.id()).path("id").asString();
    given.api.get("/audit-log/" + id).expect(200);
    given.stranger.get("/audit-log/" + id).expectError(404, "NOT_FOUND");
    assertFalse(given.stranger.get("/audit-log?limit=1000").text().contains(sandbox.id()));
  }

  @Test
  void theExportIsAChainThatAnybodyCanCheck() throws Exception {
    given.api.post(sandbox.at("/exec"), Map.of("command", "true")).expect(200);
    String last =
        given.api.get("/audit-log?limit=1").json().path("data").get(0).path("id").asString();
    String[] lines = given.api.get("/audit-log/export").expect(200).text().split("\n", -1);
    String previous = "0".repeat(64);
    String text = "";
    for (int n = 0; n < lines.length - 1; n++) {
      JsonNode link = Reply.JSON.readTree(lines[n]);
      assertEquals(n + 1, link.path("position").asInt());
      assertEquals(previous, link.path("previous_hash").asString());
      // The entry travels in the form that is hashed: sorted keys, no spaces.
      int begin = lines[n].indexOf("{\"action\"");
      String entry = lines[n].substring(begin, lines[n].indexOf(",\"position\":" + (n + 1) + ","));
      previous = sha256(previous + "\n" + entry);
      assertEquals(previous, link.path("hash").asString());
      text = lines[n];
    }
    assertTrue(text.contains("\"aud_"), last);
    String table =
        given.api.get("/audit-log/export?format=csv&external_user_id=" + customer).text();
    assertTrue(table.startsWith("position,id,created_at,action"));
    assertTrue(table.contains(sandbox.id()));
  }

  @Test
  void theCommandVerifiesTheChain() throws Exception {
    Process verify =
        new ProcessBuilder(given.target.launcher().toString(), "audit", "verify", "--json").start();
    String said = new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, verify.waitFor(), said);
    assertTrue(said.contains("\"valid\" : true"), said);
  }

  private String me() {
    return given
        .api
        .get("/whoami")
        .expect(200)
        .json()
        .path("data")
        .path("credential")
        .path("id")
        .asString();
  }

  private static String sha256(String text) throws Exception {
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest);
  }
}
