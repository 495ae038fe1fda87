package com.atoll.edge.egress;

import static com.atoll.edge.egress.ProxyHarness.hear;
import static com.atoll.edge.egress.ProxyHarness.say;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sandbox loses its policy while it calls. */
final class ReleasedCallsTest {
  private static final String HEAD = "\r\n\r\n";
  private static final String REQUEST = "GET /a HTTP/1.1\r\nHost: api.test\r\n\r\n";
  private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";

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

  @Test
  void aCallOfASandboxThatLivesOnRunsOutAndItsConnectionEndsThen() throws Exception {
    try (Socket caller = proxy.call()) {
      say(caller, REQUEST);
      try (Socket host = proxy.accept()) {
        hear(host, HEAD);
        proxy.forget(true);
        TimeUnit.MILLISECONDS.sleep(100);
        say(host, ANSWER + "da");
        String head = hear(caller, HEAD);
        assertTrue(head.toLowerCase(java.util.Locale.ROOT).contains("connection: close"), head);
        assertEquals("allow", proxy.row().path("action").asString());
        say(host, "ta");
        assertEquals("data", hear(caller, "data and what follows it"));
      }
    }
  }

  @Test
  void aPolicyThatComesBackHoldsForWhatRunsOut() throws Exception {
    try (Socket caller = proxy.call()) {
      say(caller, REQUEST);
      try (Socket host = proxy.accept()) {
        hear(host, HEAD);
        say(host, ANSWER + "da");
        hear(caller, "da");
        proxy.forget(true);
        proxy.change(ProxyHarness.shut());
        assertEquals("", hear(caller, "ta"));
      }
    }
  }

  @Test
  void aConnectionThatWaitsForACallEnds() throws Exception {
    try (Socket caller = proxy.call()) {
      say(caller, REQUEST);
      try (Socket host = proxy.accept()) {
        hear(host, HEAD);
        say(host, ANSWER + "data");
        hear(caller, "data");
        proxy.forget(true);
        assertEquals("", hear(caller, HEAD));
      }
    }
  }

  @Test
  void whatIsOpenOfASandboxThatIsNotKnownOrEndsIsEnded() throws Exception {
    try (Socket caller = proxy.call()) {
      say(caller, REQUEST);
      try (Socket host = proxy.accept()) {
        hear(host, HEAD);
        proxy.forget(false);
        assertEquals("", hear(caller, HEAD));
      }
    }
    proxy.change(ProxyHarness.policy(true));
    try (Socket caller = proxy.call()) {
      say(caller, REQUEST);
      try (Socket host = proxy.accept()) {
        hear(host, HEAD);
        proxy.forget(true);
        proxy.end();
        assertEquals("", hear(caller, HEAD));
      }
    }
  }
}
