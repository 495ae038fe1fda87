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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What arrives on the other side is what was meant on this one. */
final class PassingTest {
  private static final String HEAD = "\r\n\r\n";

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

  @ParameterizedTest
  @CsvSource({
    "/x?q=\u00c3\u00bc, /x?q=%C3%BC",
    "/caf\u00e9, /caf%E9",
    "/%c3%bc?a=%zz&b=+|, /%c3%bc?a=%zz&b=+|"
  })
  void aTargetMeansTheSameToItsHost(String sent, String arrives) throws Exception {
    try (Socket caller = proxy.call()) {
      say(caller, "GET " + sent + " HTTP/1.1\r\nHost: api.test\r\n\r\n");
      try (Socket host = proxy.accept()) {
        assertTrue(hear(host, HEAD).startsWith("GET " + arrives + " HTTP/1.1\r\n"));
        say(host, "HTTP/1.1 204 No Content\r\n\r\n");
        hear(caller, HEAD);
        String path = proxy.row().path("path").asString();
        assertEquals(arrives.replaceAll("\\?.*", ""), path);
      }
    }
  }

  private String answer(String lengths) throws Exception {
    try (Socket caller = proxy.call()) {
      say(caller, "GET / HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n");
      try (Socket host = proxy.accept()) {
        hear(host, HEAD);
        say(host, "HTTP/1.1 200 OK\r\n" + lengths + "\r\nok");
        return hear(caller, HEAD + "ok");
      }
    }
  }

  @Test
  void aLengthThatIsSaidTwiceIsOne() throws Exception {
    for (String twice :
        new String[] {"Content-Length: 2\r\nContent-Length: 2\r\n", "Content-Length: 2, 2\r\n"}) {
      String answer = answer(twice);
      assertTrue(answer.startsWith("HTTP/1.1 200 ") && answer.endsWith(HEAD + "ok"), answer);
      assertEquals(1, answer.split("(?i)content-length: 2\r\n", -1).length - 1, answer);
    }
  }

  private String heard(String answer) throws Exception {
    try (Socket caller = proxy.call()) {
      say(caller, "GET / HTTP/1.1\r\nHost: api.test\r\n\r\n");
      try (Socket host = proxy.accept()) {
        hear(host, HEAD);
        say(host, answer);
        return hear(caller, "0" + HEAD);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n",
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n"
      })
  void whatEveryClientUnderstandsArrives(String head) throws Exception {
    assertEquals(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        heard(head + "2\r\nok\r\n0\r\n\r\n"));
  }

  @Test
  void aBrokenBodyHasNoEnd() throws Exception {
    String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n";
    assertEquals(head, heard(head + "no number\r\n"));
  }

  @Test
  void twoLengthsAreNone() throws Exception {
    String answer = answer("Content-Length: 2\r\nContent-Length: 3\r\n");
    assertTrue(answer.startsWith("HTTP/1.1 502 "), answer);
  }
}
