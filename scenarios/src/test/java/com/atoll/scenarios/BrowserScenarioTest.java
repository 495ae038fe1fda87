package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.WebSocketHandshakeException;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The DevTools of a browser inside are reached with a grant, and without one by nobody. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BrowserScenarioTest {
  private final Given given = new Given();
  private Sandbox sandbox;

  @BeforeAll
  void startABrowser() {
    sandbox = given.aSandbox().running().withFile("/workspace/devtools.py", Samples.DEVTOOLS);
    given
        .api
        .post(sandbox.at("/processes"), Map.of("command", "python3 /workspace/devtools.py"))
        .expect(201);
    sandbox.run(
        "for i in $(seq 200); do curl -s -o /dev/null 127.0.0.1:9222/ && exit 0; sleep 0.05; done;"
            + " exit 1");
  }

  @AfterAll
  void release() {
    sandbox.close();
  }

  private Reply mint() {
    return given.api.post(sandbox.at("/browser/cdp-url"), Map.of()).expect(200);
  }

  private String host() {
    String file = given.api.get(sandbox.at("")).string("preview_url");
    return file.replaceFirst("//[0-9]+-", "//9222-").replaceFirst("/$", "");
  }

  @Test
  void aGrantOpensTheBrowserAndTheNextOneEndsIt() {
    given.api.page(host() + "/json/version").expect(401);
    Reply grant = mint();
    String base = grant.string("cdp_http_url");
    JsonNode version = given.api.page(base + "/json/version/").expect(200).json();
    String socket = version.path("webSocketDebuggerUrl").asString();
    assertTrue(socket.startsWith(base.replaceFirst("^http", "ws") + "/devtools/browser/"), socket);
    JsonNode page = given.api.page(base + "/json").expect(200).json().get(0);
    String pageSocket = page.path("webSocketDebuggerUrl").asString();
    assertTrue(
        page.path("devtoolsFrontendUrl").asString().endsWith(pageSocket.replace("ws://", "ws=")),
        page::toString);
    for (String url : new String[] {socket, pageSocket, grant.string("cdp_ws_url")}) {
      try (CdpClient client = CdpClient.open(given.target, url)) {
        assertEquals("echo hello", client.call("hello"));
      }
    }
    assertTrue(grant.string("cdp_host_http_url").equals(host()), grant::toString);
    headersOpenItToo(grant);

    try (CdpClient open = CdpClient.open(given.target, socket)) {
      Reply next = mint();
      assertEquals(grant.json().path("epoch").asLong() + 1, next.json().path("epoch").asLong());
      given.api.page(base + "/json/version").expect(401);
      CompletionException refused =
          assertThrows(
              CompletionException.class, () -> CdpClient.open(given.target, socket).close());
      assertTrue(refused.getCause() instanceof WebSocketHandshakeException, refused::toString);
      assertTrue(open.endsWithin(20), "a client whose grant has ended is cut off");
      given.api.page(next.string("cdp_http_url") + "/json/version").expect(200);
    }
  }

  private void headersOpenItToo(Reply grant) {
    String base = grant.string("cdp_host_http_url");
    String path = grant.string("cdp_http_url");
    Map<String, String> bearer =
        Map.of("Authorization", "Bearer " + path.substring(path.lastIndexOf('/') + 1));
    JsonNode version = given.api.page(base + "/json/version", bearer).expect(200).json();
    String socket = version.path("webSocketDebuggerUrl").asString();
    assertTrue(socket.startsWith(grant.string("cdp_host_ws_url") + "/devtools/browser/"), socket);
    given.api.page(base + "/json/version").expect(401);
    given
        .api
        .page(base + "/json/version", Map.of("Authorization", "Bearer cdp_guessed"))
        .expect(401);
    assertThrows(CompletionException.class, () -> CdpClient.open(given.target, socket).close());
    given.api.page(base + "/").expect(401);
  }

  @Test
  void nothingListensInAnotherSandbox() {
    try (Sandbox other = given.aSandbox().running()) {
      Reply grant = given.api.post(other.at("/browser/cdp-url"), Map.of()).expect(200);
      given.api.page(grant.string("cdp_http_url") + "/json/version").expect(502);
      assertThrows(
          CompletionException.class,
          () -> CdpClient.open(given.target, grant.string("cdp_ws_url")).close());
      // A token opens its own sandbox only.
      String token = grant.string("cdp_http_url").replaceFirst(".*/cdp/", "");
      given.api.page(host() + "/cdp/" + token + "/json/version").expect(401);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 59, 604_801, -1})
  void termsBeyondTheBoundsAreRefused(int seconds) {
    given
        .api
        .post(sandbox.at("/browser/cdp-url"), Map.of("ttl_seconds", seconds))
        .expectFieldError("ttl_seconds");
  }

  @Test
  void strangersGetNone() {
    given.stranger.post(sandbox.at("/browser/cdp-url"), Map.of()).expect(404);
    assertFalse(given.api.get(sandbox.at("")).text().contains("cdp_"));
  }
}
