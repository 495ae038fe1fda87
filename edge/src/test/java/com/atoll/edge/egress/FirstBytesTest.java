package com.atoll.edge.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.edge.egress.FirstBytes.Kind;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FirstBytesTest {
  private static Kind kind(boolean secure, String text) {
    FirstBytes first = new FirstBytes(secure);
    Kind kind = first.kind();
    // A byte at a time: what is known does not depend on how it comes.
    for (byte one : text.getBytes(StandardCharsets.ISO_8859_1)) {
      assertEquals(Kind.UNDECIDED, kind);
      first.add(Unpooled.wrappedBuffer(new byte[] {one}));
      kind = first.kind();
    }
    assertEquals(text, first.bytes().toString(StandardCharsets.ISO_8859_1));
    return kind;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n",
        "POST /a?b HTTP/1.0\r\nhost: a.test:80\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n"
      })
  void aRequestThatNamesItsHostIsUnderstood(String head) {
    assertEquals(Kind.UNDERSTOOD, kind(false, head));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\nHost: a.test\n\n",
        "GET / HTTP/1.1\r\nHost: a.test:81\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a.test\r\nHost: b.test\r\n\r\n",
        "GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n",
        "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n",
        "PRI * HTTP/2.0\r\n",
        "SSH-2.0-OpenSSH_9.9\r\n",
        "\r\n"
      })
  void everythingElseIsNot(String text) {
    assertEquals(Kind.OTHER, kind(false, text));
  }

  @Test
  void whatHasNoEndIsNot() {
    FirstBytes line = new FirstBytes(false);
    line.add(Unpooled.wrappedBuffer(new byte[Door.LINE + 1]));
    assertEquals(Kind.OTHER, line.kind());
    FirstBytes head = new FirstBytes(false);
    String headers = "GET / HTTP/1.1\r\n" + "a: b\r\n".repeat((Door.LINE + Door.HEADERS) / 6);
    head.add(Unpooled.copiedBuffer(headers, StandardCharsets.ISO_8859_1));
    assertEquals(Kind.OTHER, head.kind());
  }

  @Test
  void tlsBeginsWithAHandshake() {
    assertEquals(Kind.UNDERSTOOD, kind(true, "\u0016"));
    assertEquals(Kind.OTHER, kind(true, "G"));
    assertEquals(Kind.UNDECIDED, kind(true, ""));
  }
}
