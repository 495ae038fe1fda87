package com.atoll.edge.egress;

import static com.atoll.edge.egress.ProxyHarness.hear;
import static com.atoll.edge.egress.ProxyHarness.say;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who says all before it listens, as most programs do, is told why it is refused. */
final class RefusedUploadsTest {
  private static final int LONG = 16 << 20;

  @TempDir Path home;
  private ProxyHarness proxy;

  @BeforeEach
  void start() throws Exception {
    proxy = new ProxyHarness(home, ProxyHarness.shut());
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
  }

  private static void upload(Socket caller, String header) throws Exception {
    String length = "Content-Length: " + LONG + "\r\n";
    say(caller, "POST / HTTP/1.1\r\nHost: api.test\r\n" + length + header + "\r\n");
    caller.getOutputStream().write(new byte[LONG]);
  }

  private static void assertRefused(Socket caller) throws Exception {
    String answer = hear(caller, "}}");
    assertTrue(answer.startsWith("HTTP/1.1 403 "), answer);
    assertTrue(answer.contains("EGRESS_HOST_NOT_ALLOWED"), answer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Connection: close\r\n", "Connection: keep-alive\r\n"})
  void theReasonArrivesAfterALongBody(String connection) throws Exception {
    try (Socket caller = proxy.call()) {
      upload(caller, connection);
      assertRefused(caller);
    }
  }

  @Test
  void whoHoldsHisBodyBackIsNotKeptWaiting() throws Exception {
    try (Socket caller = proxy.call()) {
      String last = "Connection: close\r\nContent-Length: 4\r\n\r\n";
      say(caller, "POST / HTTP/1.1\r\nHost: api.test\r\nExpect: 100-continue\r\n" + last);
      assertRefused(caller);
      assertEquals(-1, caller.getInputStream().read());
      say(caller, "body");
    }
  }

  @Test
  void theConnectionGoesOnAfterALongBody() throws Exception {
    try (Socket caller = proxy.call()) {
      upload(caller, "");
      assertRefused(caller);
      upload(caller, "Connection: close\r\n");
      assertRefused(caller);
      assertEquals(-1, caller.getInputStream().read());
    }
  }
}
