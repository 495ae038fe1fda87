package com.atoll.server.ssh;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes the data types of RFC 4251. */
final class Wire {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);

  Wire raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  Wire uint32(int value) {
    return raw(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
  }

  Wire uint64(long value) {
    return raw(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
  }

  Wire string(byte[] bytes) {
    return uint32(bytes.length).raw(bytes);
  }

  Wire string(String text) {
    return string(text.getBytes(StandardCharsets.UTF_8));
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
