package com.atoll.edge.egress;

import static com.atoll.edge.egress.ProxyHarness.hear;
import static com.atoll.edge.egress.ProxyHarness.say;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** A sandbox opens more connections than it may have. */
final class CrowdedTest {
  /** The beginning of TLS that names api.test: a record, a ClientHello, and of it one extension. */
  private static final String HELLO =
      "\u0016\3\1\0@\1\0\0<\3\3"
          + "r".repeat(32)
          + "\0\0\2\u0013\1\1\0\0\u0011"
          + "\0\0\0\r\0\13\0\0\10api.test";

  @TempDir Path home;
  private ProxyHarness proxy;
  private final List<Socket> idle = new ArrayList<>();

  @BeforeEach
  void fill() throws Exception {
    proxy = new ProxyHarness(home, ProxyHarness.policy(true));
    for (int i = 0; i < Callers.MOST_OF_ONE; i++) {
      idle.add(proxy.call());
    }
    // Whoever is answered has been counted, and so has everybody before.
    say(idle.getLast(), "GET / HTTP/1.1\r\nHost: shut.test\r\n\r\n");
    hear(idle.getLast(), "}}");
    assertEquals("EGRESS_HOST_NOT_ALLOWED", proxy.row().path("reason").asString());
  }

  @AfterEach
  void stop() throws Exception {
    for (Socket one : idle) {
      one.close();
    }
    proxy.close();
  }

  private void assertOneRow(String protocol, String host, String path) throws Exception {
    ObjectNode row = proxy.row();
    assertEquals("fail", row.path("action").asString());
    assertEquals("EGRESS_BUSY", row.path("reason").asString());
    assertEquals(protocol, row.path("protocol").asString());
    assertEquals(host, row.path("host").asString());
    assertEquals(path, row.path("path").asString());
    assertNull(proxy.rows.poll(200, TimeUnit.MILLISECONDS));
  }

  @Test
  void oneMoreIsToldByItsAnswer() throws Exception {
    try (Socket caller = proxy.call()) {
      say(caller, "POST /a HTTP/1.1\r\nHost: api.test\r\nContent-Length: 4\r\n\r\n");
      String head = hear(caller, "\r\n\r\n").toLowerCase(Locale.ROOT);
      assertTrue(head.startsWith("http/1.1 503 "), head);
      assertTrue(head.contains("x-atoll-egress: egress_busy\r\n"), head);
      assertTrue(head.contains("connection: close\r\n"), head);
      say(caller, "data");
      assertTrue(hear(caller, "never said").endsWith("}"));
      assertOneRow("http", "api.test", "/a");
    }
    // One that ends makes room.
    idle.removeLast().close();
    TimeUnit.MILLISECONDS.sleep(200);
    try (Socket caller = proxy.call()) {
      say(caller, "GET /b HTTP/1.1\r\nHost: api.test\r\n\r\n");
      proxy.accept().close();
    }
  }

  @Test
  void oneMoreOverTlsIsToldByAnAlert() throws Exception {
    try (Socket caller = proxy.callSecurely()) {
      say(caller, HELLO);
      String alert = hear(caller, "never said");
      assertEquals("\u0015\3\3\0\2\2", alert.substring(0, 6));
      assertOneRow("tls", "api.test", "");
    }
  }

  @Test
  void oneMoreThatAsksNothingIsClosedAndWrittenDown() throws Exception {
    try (Socket caller = proxy.call();
        Socket secure = proxy.callSecurely()) {
      assertEquals("", hear(caller, "never said"));
      assertEquals("", hear(secure, "never said"));
      for (int i = 0; i < 2; i++) {
        assertEquals("EGRESS_BUSY", proxy.row().path("reason").asString());
      }
    }
  }
}
