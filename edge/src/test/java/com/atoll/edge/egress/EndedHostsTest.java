package com.atoll.edge.egress;

import static com.atoll.edge.egress.ProxyHarness.hear;
import static com.atoll.edge.egress.ProxyHarness.say;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of a host that hangs up everything arrives that it has said, also where callers are slow. */
final class EndedHostsTest {
  private static final String HEAD = "\r\n\r\n";
  private static final int LONG = 24 << 20;

  @TempDir Path home;
  private ProxyHarness proxy;

  @BeforeEach
  void start() throws Exception {
    proxy = new ProxyHarness(home, ProxyHarness.policy(true));
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
  }

  /** Says this and a long body, and hangs up. */
  private static void answer(Socket host, String head) {
    try (host) {
      say(host, head);
      host.getOutputStream().write(new byte[LONG]);
    } catch (IOException ended) {
      throw new IllegalStateException(ended);
    }
  }

  private static int hearSlowly(Socket caller) throws Exception {
    byte[] some = new byte[128 << 10];
    int heard = 0;
    for (int more = 0; more >= 0; more = caller.getInputStream().read(some)) {
      heard += more;
      TimeUnit.MILLISECONDS.sleep(5);
    }
    return heard;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Connection: close\r\n",
        "Connection: close\r\nContent-Length: " + LONG + "\r\n",
        "Content-Length: " + LONG + "\r\n"
      })
  void aLongAnswerArrivesWhole(String headers) throws Exception {
    try (Socket caller = proxy.call()) {
      say(caller, "GET / HTTP/1.1\r\nHost: api.test" + HEAD);
      Socket host = proxy.accept();
      hear(host, HEAD);
      Thread.ofVirtual().start(() -> answer(host, "HTTP/1.1 200 OK\r\n" + headers + "\r\n"));
      assertTrue(hear(caller, HEAD).startsWith("HTTP/1.1 200 "));
      assertEquals(LONG, hearSlowly(caller));
    }
  }

  @Test
  void anAnswerThatIsCutOffArrivesAsFarAsItCame() throws Exception {
    try (Socket caller = proxy.call()) {
      say(caller, "GET / HTTP/1.1\r\nHost: api.test" + HEAD);
      Socket host = proxy.accept();
      hear(host, HEAD);
      String head = "HTTP/1.1 200 OK\r\nContent-Length: " + (LONG + 1) + HEAD;
      Thread.ofVirtual().start(() -> answer(host, head));
      assertTrue(hear(caller, HEAD).startsWith("HTTP/1.1 200 "));
      assertEquals(LONG, hearSlowly(caller));
    }
  }

  @Test
  void anAnswerThatBreaksOffDoesNotSeemWhole() throws Exception {
    try (Socket caller = proxy.call()) {
      say(caller, "GET / HTTP/1.1\r\nHost: api.test" + HEAD);
      try (Socket host = proxy.accept()) {
        hear(host, HEAD);
        say(host, "HTTP/1.1 200 OK" + HEAD + "half");
        assertTrue(hear(caller, "half").endsWith(HEAD + "half"));
        host.setSoLinger(true, 0);
      }
      assertThrows(SocketException.class, () -> caller.getInputStream().read());
    }
  }

  @Test
  void whatAWebSocketSaysAtOnceArrives() throws Exception {
    String wish = "Connection: Upgrade\r\nUpgrade: websocket";
    try (Socket caller = proxy.call()) {
      say(caller, "GET / HTTP/1.1\r\nHost: api.test\r\n" + wish + HEAD);
      try (Socket host = proxy.accept()) {
        hear(host, HEAD);
        String granted = wish + "\r\nSec-WebSocket-Accept: x";
        say(host, "HTTP/1.1 101 Switching Protocols\r\n" + granted + HEAD + "first");
        String heard = hear(caller, "first");
        assertTrue(heard.endsWith(HEAD + "first"), heard);
        say(caller, "second");
        assertEquals("second", hear(host, "second"));
        host.getOutputStream().write("third".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals("third", hear(caller, "third"));
      }
    }
  }
}
