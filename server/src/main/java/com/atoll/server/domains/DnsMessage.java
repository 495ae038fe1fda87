package com.atoll.server.domains;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Messages of DNS (RFC 1035), as far as four kinds of questions need them. Input is hostile. */
final class DnsMessage {
  static final int A = 1;
  static final int CNAME = 5;
  static final int TXT = 16;
  static final int AAAA = 28;
  private static final int INTERNET = 1;
  private static final int HEAD = 12;
  private static final int NO_SUCH_NAME = 3;
  private static final int MOST_ANSWERS = 50;
  private static final int LONGEST_NAME = 255;

  private DnsMessage() {}

  /** A question that wants a resolver to ask on. */
  static byte[] question(int id, String name, int type) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    two(out, id);
    two(out, 0x0100);
    two(out, 1);
    two(out, 0);
    two(out, 0);
    two(out, 0);
    for (String label : name.split("\\.", -1)) {
      byte[] bytes = label.getBytes(StandardCharsets.US_ASCII);
      out.write(bytes.length);
      out.writeBytes(bytes);
    }
    out.write(0);
    two(out, type);
    two(out, INTERNET);
    return out.toByteArray();
  }

  private static void two(ByteArrayOutputStream out, int value) {
    out.write(value >> 8);
    out.write(value);
  }

  /** Whether this is an answer to that question. */
  static boolean answers(byte[] answer, byte[] question) {
    if (answer.length < question.length || answer[0] != question[0] || answer[1] != question[1]) {
      return false;
    }
    if ((answer[2] & 0x80) == 0 || unsigned(answer, 4) != 1) {
      return false;
    }
    for (int i = HEAD; i < question.length; i++) {
      if (lower(answer[i]) != lower(question[i])) {
        return false;
      }
    }
    return true;
  }

  private static int lower(byte b) {
    return b >= 'A' && b <= 'Z' ? b + 32 : b;
  }

  static boolean isTruncated(byte[] answer) {
    return (answer[2] & 0x02) != 0;
  }

  /** The values of this type; none when the name is not there. */
  static List<String> answers(byte[] message, int type) throws IOException {
    try {
      return read(message, type);
    } catch (IndexOutOfBoundsException broken) {
      throw new IOException("the resolver's answer is broken", broken);
    }
  }

  private static List<String> read(byte[] message, int type) throws IOException {
    int code = message[3] & 0x0f;
    if (code == NO_SUCH_NAME) {
      return List.of();
    }
    if (code != 0) {
      throw new IOException("the resolver answers with error " + code);
    }
    int at = afterName(message, HEAD) + 4;
    int count = Math.min(unsigned(message, 6), MOST_ANSWERS);
    List<String> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      at = afterName(message, at);
      int kind = unsigned(message, at);
      int length = unsigned(message, at + 8);
      at += 10;
      if (at + length > message.length) {
        throw new IndexOutOfBoundsException();
      }
      if (kind == type) {
        values.add(
            switch (type) {
              case TXT -> text(message, at, length);
              case A, AAAA -> address(message, at, length, type == A ? 4 : 16);
              default -> name(message, at);
            });
      }
      at += length;
    }
    return values;
  }

  private static int unsigned(byte[] message, int at) {
    return (message[at] & 0xff) << 8 | (message[at + 1] & 0xff);
  }

  private static int afterName(byte[] message, int from) {
    int at = from;
    while (true) {
      int length = message[at] & 0xff;
      if (length >= 0xc0) {
        return at + 2;
      }
      at += 1 + length;
      if (length == 0) {
        return at;
      }
    }
  }

  /** A name, which may go on elsewhere in the message; a pointer only ever leads back. */
  private static String name(byte[] message, int from) throws IOException {
    StringBuilder name = new StringBuilder();
    int at = from;
    int limit = from;
    while (true) {
      int length = message[at] & 0xff;
      if (length == 0) {
        return name.toString().toLowerCase(Locale.ROOT);
      }
      if (length >= 0xc0) {
        int to = unsigned(message, at) & 0x3fff;
        if (to >= limit) {
          throw new IOException("the resolver's answer is broken");
        }
        at = to;
        limit = to;
        continue;
      }
      if (!name.isEmpty()) {
        name.append('.');
      }
      name.append(new String(message, at + 1, length, StandardCharsets.ISO_8859_1));
      if (name.length() > LONGEST_NAME) {
        throw new IOException("the resolver's answer is broken");
      }
      at += 1 + length;
    }
  }

  private static String address(byte[] message, int from, int length, int right)
      throws IOException {
    if (length != right) {
      throw new IOException("the resolver's answer is broken");
    }
    return InetAddress.getByAddress(Arrays.copyOfRange(message, from, from + length))
        .getHostAddress();
  }

  /** The parts of a text, put together. */
  private static String text(byte[] message, int from, int length) {
    StringBuilder text = new StringBuilder();
    int at = from;
    while (at < from + length) {
      int part = Math.min(message[at] & 0xff, from + length - at - 1);
      text.append(new String(message, at + 1, part, StandardCharsets.ISO_8859_1));
      at += 1 + part;
    }
    return text.length() > 500 ? text.substring(0, 500) : text.toString();
  }
}
