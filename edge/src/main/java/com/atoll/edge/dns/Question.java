package com.atoll.edge.dns;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The one question of a query.
 *
 * @param id the query's number
 * @param name lower case, without final dot
 * @param type record type
 * @param end where the question ends in the packet
 */
record Question(int id, String name, int type, int end) {
  static final int A = 1;
  static final int AAAA = 28;
  static final int HEADER = 12;
  private static final int INTERNET = 1;
  private static final int LONGEST_NAME = 253;
  private static final int LONGEST_QUERY = 4_096;

  /** A query for the IPv4 addresses of a name; one that no reader takes when it is no name. */
  static byte[] query(String name) {
    ByteBuffer out = ByteBuffer.allocate(HEADER + LONGEST_NAME + 8);
    out.putShort((short) 0).putShort((short) 0x0100).putShort((short) 1).position(HEADER);
    for (String label : name.split("\\.", -1)) {
      byte[] bytes = label.getBytes(StandardCharsets.ISO_8859_1);
      if (bytes.length == 0 || bytes.length > 63 || out.remaining() < bytes.length + 6) {
        return new byte[0];
      }
      out.put((byte) bytes.length).put(bytes);
    }
    out.put((byte) 0).putShort((short) A).putShort((short) INTERNET);
    return Arrays.copyOf(out.array(), out.position());
  }

  /** The same question in a query of our own, of which nothing but the question is the client's. */
  byte[] alone(byte[] query) {
    ByteBuffer own = ByteBuffer.wrap(Arrays.copyOf(query, end));
    own.putShort(0, (short) 0).putShort(2, (short) 0x0100).putShort(4, (short) 1);
    own.putShort(6, (short) 0).putShort(8, (short) 0).putShort(10, (short) 0);
    return own.array();
  }

  /** Reads a query; null when it is not one that a resolver answers. */
  static @Nullable Question read(byte[] packet) {
    if (packet.length < HEADER + 5 || packet.length > LONGEST_QUERY) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(packet);
    int id = in.getShort(0) & 0xffff;
    int flags = in.getShort(2) & 0xffff;
    boolean plainQuery = (flags & 0xf800) == 0;
    if (!plainQuery || in.getShort(4) != 1 || in.getShort(6) != 0 || in.getShort(8) != 0) {
      return null;
    }
    StringBuilder name = new StringBuilder();
    int at = HEADER;
    while (at < packet.length && packet[at] != 0) {
      int length = packet[at] & 0xff;
      if (length > 63 || at + 1 + length >= packet.length || name.length() > LONGEST_NAME) {
        return null;
      }
      if (!name.isEmpty()) {
        name.append('.');
      }
      String label = new String(packet, at + 1, length, StandardCharsets.ISO_8859_1);
      if (label.indexOf('.') >= 0 || label.indexOf('\0') >= 0) {
        // One label with a dot is another name than two labels, and would be taken for theirs.
        return null;
      }
      // Of ASCII alone: names that differ in other letters are two names (RFC 4343).
      label.chars().forEach(c -> name.append((char) lower(c)));
      at += 1 + length;
    }
    if (at + 5 > packet.length || name.length() > LONGEST_NAME) {
      return null;
    }
    int type = in.getShort(at + 1) & 0xffff;
    if ((in.getShort(at + 3) & 0xffff) != INTERNET) {
      return null;
    }
    return new Question(id, name.toString(), type, at + 5);
  }

  /** Whether {@code answer} answers this question of {@code query}. */
  boolean isAnsweredBy(byte[] answer, byte[] query) {
    if (answer.length < end || (answer[2] & 0x80) == 0) {
      return false;
    }
    for (int i = HEADER; i < end; i++) {
      if (lower(answer[i]) != lower(query[i])) {
        return false;
      }
    }
    return answer[4] == 0 && answer[5] == 1;
  }

  private static int lower(int b) {
    return b >= 'A' && b <= 'Z' ? b + 32 : b;
  }
}
