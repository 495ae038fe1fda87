package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import com.atoll.server.testing.Receiver;
import com.atoll.server.testing.Receiver.Got;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Webhooks of two processes on one database, with receivers on loopback. */
final class WebhooksTest {
  private static RunningPlatform first;
  private static RunningPlatform second;
  private ApiClient api;

  @BeforeAll
  static void begin() throws Exception {
    first = new RunningPlatform();
    second = new RunningPlatform();
  }

  @AfterAll
  static void end() throws Exception {
    first.close();
    second.close();
  }

  @BeforeEach
  void own() {
    api = first.owner();
  }

  private static void await(String what, BooleanSupplier so) {
    long end = System.nanoTime() + 40_000_000_000L;
    while (!so.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, what);
      LockSupport.parkNanos(5_000_000);
    }
  }

  private JsonNode create(String url, String more) {
    Answer made =
        api.post("/webhooks", "{\"url\":\"" + url + "\",\"events\":[\"workspace.*\"]" + more + "}");
    assertEquals(201, made.status(), made.text());
    return made.json();
  }

  private String workspace(String name) {
    Answer made = api.post("/workspaces", "{\"name\":\"" + name + "\"}");
    assertEquals(201, made.status(), made.text());
    return made.json().path("id").asString();
  }

  private List<JsonNode> deliveries(String webhook, String query) {
    return api.get("/webhooks/" + webhook + "/deliveries?limit=100" + query)
        .json()
        .path("data")
        .valueStream()
        .toList();
  }

  private static byte[] mac(byte[] key, String message) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(message.getBytes(StandardCharsets.UTF_8));
  }

  private static void assertSigned(Got got, String secret) throws Exception {
    byte[] key = secret.getBytes(StandardCharsets.UTF_8);
    String own = got.header("Miosa-Signature");
    String seconds = own.replaceAll("t=([0-9]+),.*", "$1");
    assertTrue(Math.abs(System.currentTimeMillis() / 1_000 - Long.parseLong(seconds)) < 60);
    assertTrue(
        own.contains("v1=" + HexFormat.of().formatHex(mac(key, seconds + "." + got.body()))), own);
    assertEquals(
        "sha256=" + HexFormat.of().formatHex(mac(key, got.body())),
        got.header("X-MIOSA-Signature"));
    String id = got.header("webhook-id");
    assertEquals(got.json().path("id").asString(), id);
    byte[] standard = Base64.getDecoder().decode(secret.substring("whsec_".length()));
    String signed = id + "." + got.header("webhook-timestamp") + "." + got.body();
    assertTrue(
        got.header("webhook-signature")
            .contains("v1," + Base64.getEncoder().encodeToString(mac(standard, signed))));
  }

  @Test
  void anEventIsDeliveredOnceSignedAndLogged() throws Exception {
    try (Receiver receiver = new Receiver(got -> 200)) {
      JsonNode webhook =
          create(receiver.url(), ",\"headers\":{\"X-Team\":\"blue\"},\"metadata\":{\"a\":1}");
      String id = webhook.path("id").asString();
      String secret = webhook.path("secret").asString();
      assertTrue(id.startsWith("wh_") && secret.startsWith("whsec_"));
      assertEquals(webhook.path("id"), webhook.path("data").path("id"));
      String workspace = workspace("delivered");
      await("it comes", () -> !receiver.all().isEmpty());
      Got got = receiver.all().getFirst();
      assertEquals("workspace.created", got.type());
      assertEquals(workspace, got.resource());
      assertEquals("blue", got.header("X-Team"));
      assertEquals("workspace.created", got.header("X-MIOSA-Event"));
      assertSigned(got, secret);
      await("it is logged", () -> deliveries(id, "&state=delivered").size() == 1);
      JsonNode logged = deliveries(id, "").getFirst();
      assertEquals(got.header("X-MIOSA-Delivery"), logged.path("id").asString());
      JsonNode whole =
          api.get("/webhooks/" + id + "/deliveries/" + logged.path("id").asString()).json();
      assertEquals(1, whole.path("attempts").size());
      assertEquals(200, whole.path("attempts").get(0).path("status_code").asInt());
      assertEquals(
          workspace, whole.path("request").path("body").path("data").path("id").asString());
      String shown = api.get("/webhooks/" + id).text() + api.get("/webhooks").text();
      assertFalse(shown.contains(secret));
      assertEquals(1, receiver.all().size());
      assertEquals(204, api.delete("/webhooks/" + id).status());
      assertEquals(404, api.get("/webhooks/" + id).status());
    }
  }

  @Test
  void whatFailsIsTriedAgainLater() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (Receiver receiver = new Receiver(got -> asked.getAndIncrement() == 0 ? 500 : 204)) {
      String id = create(receiver.url(), "").path("id").asString();
      workspace("retried");
      await(
          "the first attempt fails",
          () ->
              deliveries(id, "").size() == 1
                  && deliveries(id, "").getFirst().path("status_code").asInt() == 500);
      JsonNode waiting = deliveries(id, "").getFirst();
      assertEquals("pending", waiting.path("state").asString());
      assertFalse(waiting.path("next_attempt_at").isNull());
      await("the second one succeeds", () -> !deliveries(id, "&state=delivered").isEmpty());
      assertEquals(2, receiver.all().size());
      assertEquals(
          receiver.all().get(0).header("webhook-id"), receiver.all().get(1).header("webhook-id"));
    }
  }

  @Test
  void whatIsRefusedIsGivenUpAndCanBeReplayed() throws Exception {
    AtomicInteger status = new AtomicInteger(400);
    try (Receiver receiver = new Receiver(got -> status.get())) {
      String id = create(receiver.url(), "").path("id").asString();
      String begin = workspace("refused 0");
      workspace("refused 1");
      workspace("refused 2");
      await("all are given up", () -> deliveries(id, "&state=dead").size() == 3);
      status.set(200);
      // Ids of the same millisecond say nothing about the order; those of events do.
      List<JsonNode> dead =
          deliveries(id, "&state=dead").stream()
              .sorted(
                  Comparator.comparing((JsonNode d) -> d.path("event_id").asString()).reversed())
              .toList();
      String one = dead.getLast().path("id").asString();
      String at = "/webhooks/" + id + "/deliveries/" + one + "/replay";
      assertEquals(202, api.post(at, "{\"replay_id\":\"r1\"}").status());
      assertEquals(409, api.post(at, "{\"replay_id\":\"r1\"}").status());
      await("the copy comes", () -> deliveries(id, "&state=delivered").size() == 1);
      assertEquals(begin, receiver.all().getLast().resource());
      // Those after the first one of the log.
      Answer range =
          api.post(
              "/webhooks/" + id + "/replay",
              "{\"after_id\":\"" + dead.getLast().path("event_id").asString() + "\"}");
      assertEquals(202, range.status(), range.text());
      assertEquals(2, range.json().path("queued").asInt());
      await("they come", () -> deliveries(id, "&state=delivered").size() == 3);
      assertEquals(202, api.post("/event-deliveries/" + one + "/redeliver", "").status());
      await("none is left", () -> deliveries(id, "&state=dead").isEmpty());
      assertEquals(
          "NOT_REDELIVERABLE", api.post("/event-deliveries/" + one + "/redeliver", "").code());
      await("it comes", () -> deliveries(id, "&state=delivered").size() == 4);
      // The log from a cursor on, delivered or not.
      int before = receiver.all().size();
      Answer log =
          api.post(
              "/webhooks/" + id + "/replay",
              "{\"source\":\"events\",\"after_id\":\""
                  + dead.getLast().path("event_id").asString()
                  + "\"}");
      assertEquals(2, log.json().path("queued").asInt(), log.text());
      await("the log comes again", () -> receiver.all().size() == before + 2);
    }
  }

  @Test
  void anOrderedWebhookGetsOneAtATimeInTheOrderOfTheLog() throws Exception {
    Set<String> present = ConcurrentHashMap.newKeySet();
    AtomicInteger most = new AtomicInteger();
    try (Receiver receiver =
        new Receiver(got -> {
          present.add(got.resource());
          most.accumulateAndGet(present.size(), Math::max);
          LockSupport.parkNanos(2_000_000);
          present.remove(got.resource());
          return 200;
        })) {
      create(receiver.url(), ",\"ordered\":true");
      List<String> made = IntStream.range(0, 25).mapToObj(i -> workspace("ordered " + i)).toList();
      await("all come", () -> receiver.all().size() >= 25);
      assertEquals(made, receiver.all().stream().map(Got::resource).toList());
      assertEquals(1, most.get());
    }
  }

  @Test
  void aSlowReceiverKeepsNobodyElseWaiting() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    try (Receiver slow =
            new Receiver(got -> {
              try {
                hold.await();
              } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
              }
              return 200;
            });
        Receiver quick = new Receiver(got -> 200)) {
      create(slow.url(), "");
      for (int i = 0; i < 40; i++) {
        workspace("held " + i);
      }
      await("the slow one is busy", () -> slow.all().size() >= 20);
      create(quick.url(), "");
      long began = System.nanoTime();
      workspace("quick");
      await("the quick one is served", () -> !quick.all().isEmpty());
      assertTrue(System.nanoTime() - began < 5_000_000_000L);
      hold.countDown();
    }
  }

  @Test
  void twoProcessesDeliverEachEventOnce() throws Exception {
    try (Receiver receiver = new Receiver(got -> 200)) {
      create(receiver.url(), "");
      Set<String> made =
          IntStream.range(0, 60).mapToObj(i -> workspace("both " + i)).collect(Collectors.toSet());
      await("all come", () -> receiver.all().size() >= made.size());
      LockSupport.parkNanos(300_000_000);
      assertEquals(made, receiver.all().stream().map(Got::resource).collect(Collectors.toSet()));
      assertEquals(made.size(), receiver.all().size());
    }
  }

  @Test
  void aWebhookThatOnlyFailsIsDisabledWithAWarning() throws Exception {
    try (Receiver receiver = new Receiver(got -> 404);
        Receiver other = new Receiver(got -> 200)) {
      String id = create(receiver.url(), "").path("id").asString();
      api.post("/webhooks", "{\"url\":\"" + other.url() + "\",\"events\":[\"webhook.*\"]}");
      for (int i = 0; i < 12; i++) {
        workspace("failing " + i);
      }
      await("it is disabled", () -> !api.get("/webhooks/" + id).json().path("active").asBoolean());
      assertFalse(api.get("/webhooks/" + id).json().path("disabled_reason").isNull());
      await(
          "the other one is warned",
          () -> other.all().stream().anyMatch(got -> got.type().equals("webhook.disabled")));
      assertTrue(
          other.all().stream()
              .noneMatch(
                  got -> Set.of("webhook.delivered", "webhook.failed").contains(got.type())));
      String events =
          api.with("Accept", "application/json")
              .get(
                  "/events/stream?types=webhook.*&after_id=evt_00000000000000000000000000&limit=1000")
              .text();
      assertTrue(events.contains("webhook.failing") && events.contains("webhook.failed"), events);
      Answer again = api.call("PATCH", "/webhooks/" + id, "{\"active\":true}");
      assertEquals(0, again.json().path("failures").asInt());
      assertTrue(again.json().path("disabled_reason").isNull());
    }
  }

  @Test
  void aNewSecretAndTheOldOneSignDuringTheOverlap() throws Exception {
    try (Receiver receiver = new Receiver(got -> 200)) {
      JsonNode webhook = create(receiver.url(), "");
      String id = webhook.path("id").asString();
      Answer rotated = api.post("/webhooks/" + id + "/rotate-secret", "{}");
      String fresh = rotated.json().path("secret").asString();
      assertNotEquals(webhook.path("secret").asString(), fresh);
      assertEquals(200, api.post("/webhooks/" + id + "/test", "").status());
      Got both = receiver.all().getLast();
      assertSigned(both, fresh);
      assertEquals(2, both.header("webhook-signature").split(" ", -1).length);
      api.post("/webhooks/" + id + "/rotate-secret", "{\"overlap_seconds\":0}");
      api.post("/webhooks/" + id + "/test", "");
      Got alone = receiver.all().getLast();
      assertEquals(1, alone.header("webhook-signature").split(" ", -1).length);
    }
  }

  @Test
  void aTestIsSentAtOnceAlsoWhenItFails() throws Exception {
    try (Receiver receiver = new Receiver(got -> 503)) {
      String id = create(receiver.url(), ",\"active\":false").path("id").asString();
      Answer tested = api.post("/webhooks/" + id + "/test", "");
      assertEquals(200, tested.status(), tested.text());
      assertFalse(tested.json().path("success").asBoolean());
      assertEquals(503, tested.json().path("status_code").asInt());
      assertEquals("dead", tested.json().path("state").asString());
      assertEquals("webhook.test", receiver.all().getFirst().type());
      assertEquals(0, api.get("/webhooks/" + id).json().path("failures").asInt());
    }
  }

  @Test
  void subscriptionsRouteWhatTheirFilterMatches() throws Exception {
    try (Receiver receiver = new Receiver(got -> 200)) {
      String id =
          api.post(
                  "/webhooks", "{\"url\":\"" + receiver.url() + "\",\"events\":[\"volume.error\"]}")
              .json()
              .path("id")
              .asString();
      String body =
          "{\"consumer_kind\":\"webhook\",\"consumer_id\":\""
              + id
              + "\",\"event_type\":\"workspace.*\",\"filter\":{\"name\":\"wanted\"}}";
      Answer made = api.post("/event-subscriptions", body);
      assertEquals(201, made.status(), made.text());
      String subscription = made.json().path("data").path("id").asString();
      workspace("unwanted");
      String wanted = workspace("wanted");
      await("it comes", () -> !receiver.all().isEmpty());
      assertEquals(wanted, receiver.all().getFirst().resource());
      JsonNode listed = api.get("/event-subscriptions/" + subscription + "/deliveries").json();
      assertEquals(1, listed.path("data").size(), listed.toString());
      assertEquals(1, api.get("/event-subscriptions").json().path("total").asInt());
      assertEquals(
          "UNKNOWN_EVENT_TYPE",
          api.post("/event-subscriptions", body.replace("workspace.*", "nothing.at")).code());
      assertEquals(
          "CONSUMER_NOT_FOUND",
          api.post("/event-subscriptions", body.replace(id, "wh_none")).code());
      assertEquals(
          "INVALID_FILTER",
          api.post("/event-subscriptions", body.replace("\"wanted\"", "[1]")).code());
      assertEquals(
          "SUBSCRIPTION_NOT_FOUND",
          second.owner().get("/event-subscriptions/" + subscription).code());
      assertEquals(204, api.delete("/event-subscriptions/" + subscription).status());
    }
  }

  @Test
  void wrongWishesAreRefused() {
    for (String body :
        List.of(
            "{\"url\":\"https://a.example/\"}",
            "{\"url\":\"https://a.example/\",\"events\":[]}",
            "{\"url\":\"https://a.example/\",\"events\":[\"sandbox.*\"],\"headers\":{\"Host\":\"x\"}}",
            "{\"url\":\"https://a.example/\",\"events\":[\"sandbox.*\"],\"headers\":{\"X\":\"a\\r\\nB: c\"}}",
            "{\"url\":\"https://a.example/\",\"events\":[\"sandbox.*\"],\"headers\":{\"webhook-id\":\"x\"}}",
            "{\"url\":\"https://a.example/\",\"events\":[\"sandbox.*\"],\"retry_count\":11}",
            "{\"url\":\"https://a.example/\",\"events\":[\"sandbox.*\"],\"secret\":\"short\"}",
            "{\"url\":\"https://a.example/\",\"events\":[\"*.*\"]}",
            "{\"url\":\"https://10.0.0.1/\",\"events\":[\"sandbox.*\"]}",
            "{\"url\":\"https://[::ffff:10.0.0.1]/\",\"events\":[\"sandbox.*\"]}",
            "{\"url\":\"https://169.254.169.254/latest\",\"events\":[\"sandbox.*\"]}",
            "{\"url\":\"gopher://a.example/\",\"events\":[\"sandbox.*\"]}",
            "{\"url\":\"https://a.example/\",\"events\":[\"sandbox.*\"],\"api_version\":\"v9\"}")) {
      assertEquals(422, api.post("/webhooks", body).status(), body);
    }
    assertEquals(
        "UNKNOWN_EVENT_TYPE",
        api.post("/webhooks", "{\"url\":\"https://a.example/\",\"events\":[\"nothing\"]}").code());
  }

  @Test
  void aRepeatedCreateMakesOne() {
    ApiClient keyed = api.with("Idempotency-Key", "one");
    String body = "{\"url\":\"https://a.example/\",\"events\":[\"sandbox.*\"]}";
    JsonNode once = keyed.post("/webhooks", body).json();
    JsonNode again = keyed.post("/webhooks", body).json();
    assertEquals(once.path("id"), again.path("id"));
    assertEquals(once.path("secret"), again.path("secret"));
    assertEquals(1, api.get("/webhooks").json().path("data").size());
  }

  @Test
  void aKeyOfOneEndUserOnlyHearsOfThatOne() throws Exception {
    String key =
        api.post("/api-keys/scoped", "{\"external_user_id\":\"u-1\",\"scopes\":[\"webhooks:*\"]}")
            .json()
            .path("data")
            .path("key")
            .asString();
    ApiClient confined = first.client().as(key);
    Answer made =
        confined.post(
            "/webhooks",
            "{\"url\":\"https://a.example/\",\"events\":[\"*\"],\"external_user_id\":\"u-2\"}");
    assertEquals(201, made.status(), made.text());
    assertEquals("u-1", made.json().path("external_user_id").asString());
    assertEquals(
        Map.of(), JsonMapper.shared().convertValue(made.json().path("headers"), Map.class));
    String ours = create("https://b.example/", "").path("id").asString();
    assertEquals(404, confined.get("/webhooks/" + ours).status());
  }
}
