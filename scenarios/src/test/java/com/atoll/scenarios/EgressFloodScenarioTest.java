package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** A sandbox that calls more than can be written down costs no other one a line of its audit. */
@Tag("fast")
@Tag("all")
@Timeout(300)
final class EgressFloodScenarioTest {
  private static final int FLOOD = 2_500;

  /** Calls as often as its path says; driven through a preview, which needs no server. */
  private static final String CALLER =
      """
      import http.client, http.server
      class Caller(http.server.BaseHTTPRequestHandler):
          def do_GET(self):
              calls = http.client.HTTPConnection("flood.test", 80)
              refused = 0
              for i in range(int(self.path[1:])):
                  calls.request("GET", "/" + str(i))
                  answer = calls.getresponse()
                  answer.read()
                  refused += answer.status == 403
              body = str(refused).encode()
              self.send_response(200)
              self.send_header("Content-Length", str(len(body)))
              self.end_headers()
              self.wfile.write(body)
      http.server.ThreadingHTTPServer(("0.0.0.0", 8300), Caller).serve_forever()
      """;

  private final Given given = new Given();

  private Sandbox caller() {
    Sandbox sandbox = given.aSandbox().running();
    given.api.post("/egress/policies", Egress.lockOf(sandbox)).expect(201);
    sandbox.withFile("/workspace/call.py", CALLER);
    given
        .api
        .post(sandbox.at("/processes"), java.util.Map.of("command", "python3 /workspace/call.py"))
        .expect(201);
    Given.eventually(20, "it serves", () -> given.api.page(url(sandbox) + "0").text().equals("0"));
    return sandbox;
  }

  private String url(Sandbox sandbox) {
    return given
        .api
        .get(sandbox.at(""))
        .string("preview_url")
        .replaceFirst("//[0-9]+-", "//8300-")
        .replaceFirst("/?$", "/");
  }

  /** What was called over HTTP, on all pages. */
  private List<JsonNode> calls(Sandbox sandbox) {
    List<JsonNode> all = new ArrayList<>();
    String path = "/egress/audit?limit=500&action=deny&resource_id=" + sandbox.id();
    String cursor = "";
    do {
      JsonNode page = given.api.get(path + cursor).expect(200).json();
      page.path("events")
          .valueStream()
          .filter(call -> call.path("protocol").asString().equals("http"))
          .forEach(all::add);
      cursor =
          page.path("next_cursor").isNull() ? "" : "&cursor=" + page.path("next_cursor").asString();
    } while (!cursor.isEmpty());
    return all;
  }

  private static long unlogged(JsonNode call) {
    return call.path("unlogged").asLong();
  }

  @Test
  void aFloodLosesNobodyElsesCallAndSaysHowManyOfItsOwn() {
    Queue<JsonNode> tail = new ConcurrentLinkedQueue<>();
    try (Sandbox flood = caller();
        Sandbox quiet = caller()) {
      WebSocket socket = follow(flood, tail);
      String floods = url(flood) + FLOOD;
      String calls = url(quiet) + "1";
      try (Host.Standstill _ = Host.of(given.target).hold("server")) {
        assertEquals(String.valueOf(FLOOD), given.api.page(floods).expect(200).text());
        assertEquals("1", given.api.page(calls).expect(200).text());
      }
      Given.eventually(30, "the one call is there", () -> calls(quiet).size() == 1);
      assertEquals(0, unlogged(calls(quiet).getFirst()));
      Given.eventually(
          60,
          "every call is counted",
          () -> calls(flood).stream().mapToLong(call -> 1 + unlogged(call)).sum() == FLOOD,
          () -> calls(flood).size() + " calls");
      List<JsonNode> more = calls(flood).stream().filter(call -> unlogged(call) > 0).toList();
      assertEquals(1, more.size(), more::toString);
      assertEquals("/" + (FLOOD - 1), more.getFirst().path("path").asString());
      assertTrue(calls(flood).size() >= 1_000);
      Given.eventually(
          20, "the tail says so too", () -> tail.stream().anyMatch(call -> unlogged(call) > 0));
      socket.abort();
    }
  }

  private WebSocket follow(Sandbox sandbox, Queue<JsonNode> into) {
    String url =
        given.target.api().toString().replaceFirst("^http", "ws")
            + "/egress/audit/resource/"
            + sandbox.id();
    return HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .header("Authorization", "Bearer " + given.target.key())
        .subprotocols("miosa-egress-audit-v1")
        .buildAsync(
            URI.create(url),
            new WebSocket.Listener() {
              private final StringBuilder text = new StringBuilder();

              @Override
              public @Nullable CompletionStage<?> onText(
                  WebSocket from, CharSequence data, boolean last) {
                text.append(data);
                if (last) {
                  into.add(Reply.JSON.readTree(text.toString()));
                  text.setLength(0);
                }
                from.request(1);
                return null;
              }
            })
        .join();
  }
}
