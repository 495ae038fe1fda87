package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Webhooks of the running platform, with a receiver on loopback. */
@Tag("fast")
@Tag("all")
@Timeout(180)
final class WebhooksScenarioTest {
  private final Given given = new Given();
  private final Crashes crashes = new Crashes(given, Host.of(given.target));

  @AfterEach
  void disarm() throws IOException {
    crashes.disarm();
  }

  private Reply webhook(Receiver receiver, List<String> events, Map<String, Object> more) {
    Map<String, Object> body = new HashMap<>(more);
    body.put("url", receiver.url());
    body.put("events", events);
    return given.api.post("/webhooks", body).expect(201);
  }

  private List<JsonNode> deliveries(String webhook, String state) {
    Reply reply = given.api.get("/webhooks/" + webhook + "/deliveries?limit=100&state=" + state);
    return reply.json().path("data").valueStream().toList();
  }

  private String workspace() {
    Reply[] made = new Reply[1];
    String name = Given.unique("hooked");
    Crashes.eventually(
        60,
        "a workspace is made",
        () -> {
          made[0] =
              given.api.json(
                  "POST", "/workspaces", Map.of("name", name), Map.of("Idempotency-Key", name));
          return made[0].status() == 201;
        });
    return made[0].string("id");
  }

  @Test
  void theLifeOfASandboxIsToldSigned() {
    try (Receiver receiver = new Receiver(got -> 200)) {
      String customer = Given.unique("customer");
      Reply webhook = webhook(receiver, List.of("sandbox.*"), Map.of("external_user_id", customer));
      given.aSandbox().running().close();
      Sandbox sandbox = given.aSandbox().with("external_user_id", customer).running();
      sandbox.close();
      Given.eventually(
          20,
          "created and destroyed are told",
          () ->
              receiver.all().stream()
                  .map(Receiver.Got::type)
                  .collect(Collectors.toSet())
                  .containsAll(Set.of("sandbox.created", "sandbox.destroyed")));
      for (Receiver.Got got : receiver.all()) {
        assertEquals(sandbox.id(), got.resource());
        assertTrue(got.isSignedWith(webhook.string("secret")), got::toString);
        assertEquals(customer, got.json().path("data").path("external_user_id").asString());
      }
      given.api.delete("/webhooks/" + webhook.string("id")).expect(204);
    }
  }

  @Test
  void whatIsGivenUpWaitsToBeReplayed() {
    Set<String> refused = java.util.concurrent.ConcurrentHashMap.newKeySet();
    try (Receiver receiver =
        new Receiver(got -> refused.add(got.header("X-MIOSA-Delivery")) ? 500 : 200)) {
      String id =
          webhook(receiver, List.of("workspace.created"), Map.of("retry_count", 0)).string("id");
      String workspace = workspace();
      Given.eventually(20, "it is given up", () -> deliveries(id, "dead").size() == 1);
      String dead = deliveries(id, "dead").getFirst().path("id").asString();
      Reply whole = given.api.get("/webhooks/" + id + "/deliveries/" + dead).expect(200);
      assertEquals(1, whole.json().path("attempts").size(), whole::toString);
      assertEquals(500, whole.json().path("status_code").asInt());
      Reply range = given.api.post("/webhooks/" + id + "/replay", Map.of()).expect(202);
      assertEquals(1, range.json().path("queued").asInt());
      Given.eventually(20, "it is delivered", () -> deliveries(id, "delivered").size() == 1);
      assertEquals(
          List.of(workspace, workspace),
          receiver.all().stream().map(Receiver.Got::resource).toList());
      given.api.delete("/webhooks/" + id).expect(204);
    }
  }

  @Test
  void addressesThatAreNotPublicAreNotReached() {
    for (String url :
        List.of(
            "https://10.0.0.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/",
            "https://[fd00::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://user@10.0.0.1/")) {
      given
          .api
          .post("/webhooks", Map.of("url", url, "events", List.of("sandbox.*")))
          .expectFieldError("url");
    }
    // A name is looked up when it is delivered to, each time.
    Reply made =
        given
            .api
            .post(
                "/webhooks",
                Map.of("url", "https://ip6-localhost.invalid:9/", "events", List.of("computer.*")))
            .expect(201);
    Reply test = given.api.post("/webhooks/" + made.string("id") + "/test", Map.of()).expect(200);
    assertFalse(test.json().path("success").asBoolean());
    assertTrue(test.json().path("status_code").isNull());
    given.api.delete("/webhooks/" + made.string("id")).expect(204);
  }

  /** A receiver that answers a redirect into the machine gets no second request. */
  @Test
  void aRedirectLeadsNowhere() throws IOException {
    try (Receiver inside = new Receiver(got -> 200);
        java.net.ServerSocket door =
            new java.net.ServerSocket(0, 5, java.net.InetAddress.ofLiteral("127.0.0.1"))) {
      Thread.ofVirtual().start(() -> redirect(door, inside.url()));
      Reply made =
          given
              .api
              .post(
                  "/webhooks",
                  Map.of(
                      "url",
                      "http://127.0.0.1:" + door.getLocalPort() + "/",
                      "events",
                      List.of("computer.*")))
              .expect(201);
      Reply test = given.api.post("/webhooks/" + made.string("id") + "/test", Map.of()).expect(200);
      assertEquals(302, test.json().path("status_code").asInt(), test::toString);
      assertEquals("dead", test.string("state"));
      assertEquals(List.of(), inside.all());
      given.api.delete("/webhooks/" + made.string("id")).expect(204);
    }
  }

  private static void redirect(java.net.ServerSocket door, String to) {
    try (java.net.Socket socket = door.accept()) {
      socket
          .getOutputStream()
          .write(
              ("HTTP/1.1 302 Found\r\nLocation: " + to + "\r\nContent-Length: 0\r\n\r\n")
                  .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      var _ = socket.getInputStream().read(new byte[65_536]);
    } catch (IOException closed) {
      return;
    }
  }

  /**
   * The server ends at every step of a delivery, once each; every event arrives, at least once, and
   * nothing stays undone.
   */
  @Test
  void killingTheServerAtAnyStepLosesNothing() {
    try (Receiver receiver = new Receiver(got -> 200)) {
      String id = webhook(receiver, List.of("workspace.created"), Map.of()).string("id");
      List<String> points = Crashes.points("webhook").toList();
      assertEquals(4, points.size(), points::toString);
      Set<String> made = new java.util.HashSet<>();
      for (String point : Crashes.sample(points.stream()).toList()) {
        crashes.arm(point);
        made.add(workspace());
        crashes.await(point);
      }
      Given.eventually(
          90,
          "every event has arrived",
          () ->
              receiver.all().stream()
                  .map(Receiver.Got::resource)
                  .collect(Collectors.toSet())
                  .containsAll(made));
      Given.eventually(
          60,
          "every delivery is done",
          () ->
              deliveries(id, "delivered").size() == made.size()
                  && deliveries(id, "pending").isEmpty());
      given.api.delete("/webhooks/" + id).expect(204);
    }
  }
}
