package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What gateways serve is seen by its owner, and billed once whoever is killed meanwhile. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TrafficScenarioTest {
  private static final int BLOB = 4 << 20;

  /** Reports of use are rounded to a millionth of a gigabyte. */
  private static final long ROUNDING = 2_000;

  /** Gateways tell what they have passed on every two seconds. */
  private static final long TOLD_NANOS = 5_000_000_000L;

  private final Given given = new Given();
  private final Crashes crashes = new Crashes(given, Host.of(given.target));
  private final String user = Given.unique("visitor");
  private Sandbox sandbox;
  private Deployment app;
  private Deployment site;

  static Stream<String> points() {
    return Crashes.sample(Crashes.points("traffic"));
  }

  @BeforeAll
  void publish() {
    sandbox =
        given.aSandbox().with("external_user_id", user).running().serving(8000, "y".repeat(20_000));
    app = given.published(sandbox, Map.of("name", Given.unique("app")));
    sandbox.run(
        "mkdir -p dist; head -c " + BLOB + " /dev/urandom > dist/blob; echo hi > dist/index.html");
    site =
        given.published(
            sandbox, Map.of("name", Given.unique("blob"), "output_path", "/workspace/dist"));
  }

  @AfterAll
  void release() {
    app.close();
    site.close();
    sandbox.close();
  }

  @AfterEach
  void disarm() throws IOException {
    crashes.disarm();
  }

  private JsonNode seen(String what) {
    return given.api.get(app.at("/" + what)).expect(200).json().path("data");
  }

  @Test
  void requestsAreListedAddedUpAndGroupedByRoute() throws IOException {
    String url = app.url();
    for (int i = 1; i <= 3; i++) {
      given.api.page(url.replaceFirst("/$", "") + "/users/" + i * 41 + "?q=1").expect(200);
    }
    String refused = post("/orders", "0123456789");
    assertTrue(refused.startsWith("HTTP/1.1 501 "), refused);
    Given.eventually(
        20,
        "four requests are counted",
        () -> seen("observability?period=1h").path("requests").asLong() == 4,
        () -> seen("observability?period=1h").toString());

    JsonNode sums = seen("observability?period=1h");
    assertEquals(1, sums.path("server_errors").asLong(), sums::toString);
    assertEquals(0.25, sums.path("error_rate").asDouble(), sums::toString);
    assertTrue(sums.path("p50_ms").asDouble() > 0, sums::toString);
    assertTrue(sums.path("p99_ms").asDouble() >= sums.path("p50_ms").asDouble(), sums::toString);
    assertEquals(12, sums.path("buckets").size(), sums::toString);
    assertEquals(
        4,
        sums.path("buckets").valueStream().mapToLong(b -> b.path("requests").asLong()).sum(),
        sums::toString);
    JsonNode busiest = seen("routes?period=1h").get(0);
    assertEquals("/users/:id", busiest.path("route").asString(), busiest::toString);
    assertEquals(3, busiest.path("requests").asLong(), busiest::toString);
    assertEquals(60_000, busiest.path("bytes_sent").asLong(), busiest::toString);

    JsonNode log = seen("request-logs?status=5xx");
    assertEquals(1, log.size(), log::toString);
    JsonNode row = log.get(0);
    assertEquals("POST", row.path("method").asString(), row::toString);
    assertEquals("/orders", row.path("path").asString(), row::toString);
    assertEquals(501, row.path("status").asInt(), row::toString);
    assertEquals(10, row.path("bytes_received").asLong(), row::toString);
    String id = row.path("request_id").asString();
    assertTrue(refused.toLowerCase(Locale.ROOT).contains("x-request-id: " + id), refused);
    assertEquals("127.0.0.1", row.path("client_ip").asString(), row::toString);
    assertTrue(row.path("duration_ms").asDouble() > 0, row::toString);
    String version =
        given.api.get(app.at("/versions")).json().path("data").get(0).path("id").asString();
    assertEquals(version, row.path("version_id").asString(), row::toString);
    assertEquals(1, seen("request-logs?path=/users/82").size());
    assertEquals(0, seen("request-logs?version_id=ver_other").size());
    Reply first = given.api.get(app.at("/request-logs?limit=3")).expect(200);
    String cursor = first.json().path("meta").path("next_cursor").asString("");
    assertFalse(cursor.isEmpty(), first::toString);
    assertEquals(1, seen("request-logs?limit=3&cursor=" + cursor).size());

    given.api.get(app.at("/request-logs?status=999")).expectError(400, "INVALID_PARAM");
    given.api.get(app.at("/request-logs?since=yesterday")).expectError(400, "INVALID_PARAM");
    given.api.get(app.at("/observability?period=1y")).expectError(400, "INVALID_PARAM");
    for (String what : new String[] {"request-logs", "observability", "routes"}) {
      given.stranger.get(app.at("/" + what)).expect(404);
    }
  }

  /** Head and body in one piece: the app answers without having read the body. */
  private String post(String path, String body) throws IOException {
    String authority = URI.create(app.url()).getRawAuthority();
    String request =
        "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            .formatted(path, authority, body.length(), body);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), given.target.httpPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private long billed(String dimension) {
    Reply[] report = new Reply[1];
    // What a killed server was about to write holds others up until the database notices.
    Crashes.eventually(
        30,
        "use is reported",
        () -> {
          report[0] =
              given.api.get("/usage?group_by=external_user_id&period=2d&external_user_id=" + user);
          return report[0].status() != 503;
        });
    double gigabytes =
        report[0]
            .expect(200)
            .json()
            .path("results")
            .valueStream()
            .flatMap(row -> row.path("line_items").valueStream())
            .filter(item -> item.path("dimension").asString().equals(dimension))
            .mapToDouble(item -> item.path("qty").asDouble())
            .sum();
    return Math.round(gigabytes * (1L << 30));
  }

  /** What is billed once nothing that was served before is still on its way. */
  private long settled(String dimension) {
    long[] last = {-1, 0};
    Given.eventually(
        60,
        "no bytes are on their way",
        () -> {
          long now = billed(dimension);
          if (now != last[0]) {
            last[0] = now;
            last[1] = System.nanoTime();
          }
          return System.nanoTime() - last[1] > TOLD_NANOS;
        });
    return last[0];
  }

  private void assertBilled(String dimension, long from, long bytes) {
    Given.eventually(
        20,
        bytes + " bytes are billed",
        () -> Math.abs(billed(dimension) - from - bytes) < ROUNDING,
        () -> billed(dimension) - from + " are");
  }

  @ParameterizedTest
  @MethodSource("points")
  void everyByteIsBilledOnceWhoeverIsKilled(String point) {
    String blob = site.url().replaceFirst("/$", "") + "/blob";
    long before = settled("deployment_bandwidth_gb");
    crashes.arm(point);
    assertEquals(BLOB, given.api.page(blob).expect(200).bytes().length);
    crashes.await(point);
    // Of an answer that is cut off, the bytes that were sent are billed too: a small one is tried.
    Crashes.eventually(30, "the site is served", () -> given.api.page(site.url()).status() == 200);
    assertEquals(BLOB, given.api.page(blob).expect(200).bytes().length);
    assertBilled("deployment_bandwidth_gb", before, 2L * BLOB);
  }

  @Test
  void whatPreviewsPassOnIsCountedToo() {
    long before = billed("preview_bandwidth_gb");
    String url = sandbox.url(8000);
    for (int i = 0; i < 20; i++) {
      given.api.page(url).expect(200);
    }
    assertBilled("preview_bandwidth_gb", before, 400_000);
  }
}
