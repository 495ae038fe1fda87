package com.atoll.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class WriteApiTest {
  /** As the HTTP server hands a header on: a character for each byte. */
  private static String sent(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @Test
  void aPathInAHeaderIsReadAsUtf8WhereItIsThat() {
    String path = "/workspace/\u00fcbung \u2192 \ud83d\ude00";
    assertEquals(path, WriteApi.text(sent(path.getBytes(StandardCharsets.UTF_8))));
    assertEquals("/workspace/plain", WriteApi.text("/workspace/plain"));
    assertEquals(
        "/caf\u00e9", WriteApi.text(sent("/caf\u00e9".getBytes(StandardCharsets.ISO_8859_1))));
  }
}
