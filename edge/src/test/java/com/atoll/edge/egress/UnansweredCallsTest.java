package com.atoll.edge.egress;

import static com.atoll.edge.egress.ProxyHarness.hear;
import static com.atoll.edge.egress.ProxyHarness.leave;
import static com.atoll.edge.egress.ProxyHarness.say;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.edge.routes.Route;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** What has reached its host is written down, however the call ends. */
final class UnansweredCallsTest {
  private static final String HEAD = "\r\n\r\n";
  private static final String REQUEST = "POST /taken HTTP/1.1\r\nHost: api.test\r\n";

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

  private void assertOneRow(String action, String reason, int status) throws Exception {
    assertOnly(proxy.row(), action, reason, status);
  }

  private void assertOnly(ObjectNode row, String action, String reason, int status)
      throws Exception {
    assertEquals(action, row.path("action").asString());
    assertEquals(reason, row.path("reason").asString());
    assertEquals(status, row.path("status").asInt());
    assertEquals("/taken", row.path("path").asString());
    assertEquals("sbx_1", row.path("sandbox_id").asString());
    assertNull(proxy.rows.poll(300, TimeUnit.MILLISECONDS), "one call, one row");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCallerWhoLeavesBeforeTheAnswerIsWrittenDown(boolean enforce) throws Exception {
    proxy.change(ProxyHarness.policy(enforce));
    long before = System.currentTimeMillis();
    try (Socket caller = proxy.call()) {
      say(caller, REQUEST + "Content-Length: 4\r\n\r\ndata");
      try (Socket host = proxy.accept()) {
        hear(host, HEAD + "data");
        assertNull(proxy.rows.poll());
        long asked = System.currentTimeMillis();
        TimeUnit.MILLISECONDS.sleep(50);
        leave(caller);
        ObjectNode row = proxy.row();
        long at = row.path("at_unix_ms").asLong();
        assertTrue(before <= at && at <= asked, "it tells when the call was made");
        String action = enforce ? "allow" : "would_deny";
        assertOnly(row, action, enforce ? "" : "EGRESS_HOST_NOT_ALLOWED", 0);
      }
    }
  }

  @Test
  void aCallerWhoLeavesInTheMiddleOfItsRequestIsWrittenDown() throws Exception {
    try (Socket caller = proxy.call()) {
      say(caller, REQUEST + "Content-Length: 400\r\n\r\ndata");
      try (Socket host = proxy.accept()) {
        hear(host, HEAD + "data");
        leave(caller);
        assertOneRow("allow", "", 0);
      }
    }
  }

  @Test
  void anAnswerBeforeTheAnswerIsNone() throws Exception {
    try (Socket caller = proxy.call()) {
      say(caller, REQUEST + "Content-Length: 400\r\n\r\n");
      try (Socket host = proxy.accept()) {
        hear(host, HEAD);
        say(host, "HTTP/1.1 100 Continue\r\n\r\n");
        hear(caller, HEAD);
        leave(caller);
        assertOneRow("allow", "", 0);
      }
    }
  }

  @Test
  void aCallThatAChangeOfThePolicyEndsIsWrittenDown() throws Exception {
    try (Socket caller = proxy.call()) {
      say(caller, REQUEST + "\r\n");
      try (Socket host = proxy.accept()) {
        hear(host, HEAD);
        var shut = ProxyHarness.policy(false);
        proxy.change(
            new Route.Egress(
                shut.key(),
                shut.sandboxId(),
                shut.address(),
                2,
                "egp_2",
                true,
                false,
                shut.rules(),
                shut.secrets()));
        assertEquals("", hear(caller, HEAD));
        assertOneRow("allow", "", 0);
      }
    }
  }

  @Test
  void aHostThatEndsAKeptConnectionInsteadOfAnAnswerIsWrittenDown() throws Exception {
    try (Socket caller = proxy.call()) {
      say(caller, "GET /first HTTP/1.1\r\nHost: api.test\r\n\r\n");
      try (Socket host = proxy.accept()) {
        hear(host, HEAD);
        say(host, "HTTP/1.1 204 No Content\r\n\r\n");
        hear(caller, HEAD);
        assertEquals("/first", proxy.row().path("path").asString());
        say(caller, REQUEST + "\r\n");
        hear(host, HEAD);
      }
      assertEquals("", hear(caller, HEAD));
      assertOneRow("allow", "", 0);
    }
  }

  @Test
  void anAnsweredOrARefusedCallHasOneRowAfterItsCallerLeft() throws Exception {
    try (Socket caller = proxy.call()) {
      say(caller, REQUEST + "\r\n");
      try (Socket host = proxy.accept()) {
        hear(host, HEAD);
        say(host, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart");
        hear(caller, "part");
        leave(caller);
        assertOneRow("allow", "", 200);
      }
    }
    try (Socket caller = proxy.call()) {
      say(caller, "GET /taken HTTP/1.1\r\nHost: shut.test\r\n\r\n");
      hear(caller, HEAD);
      leave(caller);
      assertOneRow("deny", "EGRESS_HOST_NOT_ALLOWED", 403);
    }
  }
}
