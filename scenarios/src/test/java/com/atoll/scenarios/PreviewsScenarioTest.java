package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The end of a preview lets nobody in whom it kept out. */
@Tag("fast")
@Tag("all")
final class PreviewsScenarioTest {
  private static final int PORT = 8123;

  /** Upgrades whoever comes, and keeps him. */
  private static final String UPGRADING =
      """
      import socket, threading
      door = socket.create_server(("0.0.0.0", 8124))
      def keep(guest):
          guest.recv(65536)
          guest.sendall(b"HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\n"
                        b"Upgrade: websocket\\r\\nSec-WebSocket-Accept: x\\r\\n\\r\\n")
          while guest.recv(65536):
              pass
      while True:
          threading.Thread(target=keep, args=(door.accept()[0],)).start()
      """;

  private final Given given = new Given();
  private Sandbox sandbox;
  private String url;

  @BeforeEach
  void start() {
    sandbox = given.aSandbox().running().serving(PORT, "inside");
    url = given.api.get(sandbox.at("")).string("preview_url").replaceFirst("//[0-9]+-", "//8123-");
  }

  @AfterEach
  void end() {
    sandbox.close();
  }

  private Reply preview(String visibility, Object... more) {
    Map<String, Object> body = new HashMap<>(Map.of("port", PORT, "visibility", visibility));
    for (int i = 0; i < more.length; i += 2) {
      body.put((String) more[i], more[i + 1]);
    }
    return given.api.post(sandbox.at("/previews"), body).expect(201);
  }

  private void delete(Reply preview) {
    given.api.delete(sandbox.at("/previews/" + preview.string("id"))).expect(204);
  }

  private void served() {
    assertEquals("inside", given.api.page(url).expect(200).text());
  }

  private Reply gone(String code) {
    Reply answer = given.api.page(url, Map.of("Accept", "application/json"));
    assertEquals(410, answer.status(), answer::toString);
    assertEquals(code, answer.string("code"));
    return answer;
  }

  @Test
  void aPortWithoutPreviewsAnswersAndClosesWithTheLastOfThem() {
    served();
    Reply first = preview("public");
    Reply second = preview("public");
    served();
    delete(first);
    served();
    delete(second);
    gone("PREVIEW_DELETED");
    Reply page = given.api.page(url, Map.of("Accept", "text/html"));
    assertTrue(page.text().contains("This preview was deleted."), page::toString);
    given.api.delete(sandbox.at("/previews/" + second.string("id"))).expectError(404, "NOT_FOUND");
    gone("PREVIEW_DELETED");
    // What another organization says does not open it.
    given.stranger.post(sandbox.at("/expose"), Map.of("port", PORT)).expect(404);
    gone("PREVIEW_DELETED");
    delete(preview("public"));
    gone("PREVIEW_DELETED");
    preview("public");
    served();
  }

  @Test
  void deletingAPrivatePreviewOpensNothingAndTokensOfTheSandboxDoNotEither() {
    given.api.post(sandbox.at("/expose"), Map.of("port", PORT)).expect(200);
    Reply hidden = preview("private");
    assertEquals(401, given.api.page(url).status());
    Reply minted = given.api.post(sandbox.at("/preview-token"), Map.of()).expect(200);
    String opened = url + "?preview_token=" + minted.string("token");
    assertEquals("inside", given.api.page(opened).expect(200).text());
    delete(hidden);
    gone("PREVIEW_DELETED");
    assertEquals(410, given.api.page(opened).status());
    // Paused and resumed, it is the same; nobody wakes it by that.
    given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
    gone("PREVIEW_DELETED");
    assertEquals("paused", sandbox.state());
    given.api.post(sandbox.at("/resume"), Map.of()).expect(200);
    gone("PREVIEW_DELETED");
    given.api.post(sandbox.at("/expose"), Map.of("port", PORT)).expect(200);
    served();
  }

  @Test
  void aPublicPreviewOfBeforeDoesNotOpenWhatAPrivateOneClosed() {
    Reply open = preview("public");
    Reply hidden = preview("private");
    assertEquals(401, given.api.page(url).status());
    delete(hidden);
    assertEquals(401, given.api.page(url).status());
    delete(open);
    gone("PREVIEW_DELETED");

    Reply again = preview("private");
    assertEquals(401, given.api.page(url).status());
    Reply shared =
        given.api.post(sandbox.at("/previews/" + again.string("id") + "/share"), Map.of());
    String address = url + "?preview_token=" + shared.expect(200).string("preview_token");
    assertEquals("inside", given.api.page(address).expect(200).text());
    delete(again);
    assertEquals(410, given.api.page(address).status());
    preview("public");
    served();
  }

  @Test
  void anExpiredPreviewStopsServing() {
    given.api.post(sandbox.at("/expose"), Map.of("port", PORT)).expect(200);
    preview("public", "expires_in_sec", 1);
    Reply brief = preview("public", "expires_in_sec", 5);
    served();
    Given.eventually(10, "it expires", () -> given.api.page(url).status() == 410);
    gone("PREVIEW_EXPIRED");
    String path = sandbox.at("/previews/" + brief.string("id"));
    assertEquals("expired", given.api.get(path).expect(200).string("state"));
    // Another port is not concerned; an expired preview that is deleted opens nothing.
    sandbox.serving(8125, "other");
    assertEquals("other", given.api.page(url.replace("//8123-", "//8125-")).expect(200).text());
    given.api.delete(path).expect(204);
    gone("PREVIEW_EXPIRED");
    given.api.post(sandbox.at("/expose"), Map.of("port", PORT)).expect(200);
    served();
  }

  @Test
  void anExpiredPrivatePreviewDoesNotBecomePublic() {
    preview("private", "expires_in_sec", 2);
    assertEquals(401, given.api.page(url).status());
    Given.eventually(10, "it expires", () -> given.api.page(url).status() != 401);
    gone("PREVIEW_EXPIRED");
  }

  @Test
  void anOpenWebSocketEndsWithThePreview() throws IOException {
    sandbox.withFile("/workspace/upgrade.py", UPGRADING);
    given
        .api
        .post(sandbox.at("/processes"), Map.of("command", "python3 /workspace/upgrade.py"))
        .expect(201);
    sandbox.run(
        "for i in $(seq 200); do ss -ltn | grep -q :8124 && exit 0; python3 -c 'import socket;"
            + " socket.create_connection((\"127.0.0.1\", 8124))' 2>/dev/null && exit 0; sleep"
            + " 0.05; done; exit 1");
    String id =
        given.api.post(sandbox.at("/previews"), Map.of("port", 8124)).expect(201).string("id");
    try (Socket socket = upgraded()) {
      given.api.delete(sandbox.at("/previews/" + id)).expect(204);
      assertEquals(-1, socket.getInputStream().read());
    }
    given.api.post(sandbox.at("/previews"), Map.of("port", 8124, "expires_in_sec", 3)).expect(201);
    try (Socket socket = upgraded()) {
      assertEquals(-1, socket.getInputStream().read());
    }
  }

  private Socket upgraded() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), given.target.httpPort());
    socket.setSoTimeout(20_000);
    String host = URI.create(url.replace("//8123-", "//8124-")).getRawAuthority();
    socket
        .getOutputStream()
        .write(
            ("GET / HTTP/1.1\r\nHost: "
                    + host
                    + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = socket.getInputStream().read();
      assertTrue(next >= 0, head::toString);
      head.append((char) next);
    }
    assertTrue(head.toString().startsWith("HTTP/1.1 101 "), head::toString);
    return socket;
  }
}
