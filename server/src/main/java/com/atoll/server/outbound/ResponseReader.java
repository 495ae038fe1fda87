package com.atoll.server.outbound;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Predicate;

/** Reads one answer of HTTP/1.1, no more of it than is kept. */
final class ResponseReader {
  private static final int LONGEST_LINE = 8_192;
  private static final int MOST_LINES = 100;
  private static final int MOST_INTERIM = 5;
  static final int KEPT = 4_096;

  private final InputStream in;
  private final int kept;
  private final Predicate<String> enough;
  private final Map<String, String> headers = new HashMap<>();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private int status;
  private long length = -1;
  private boolean chunked;
  private boolean keepAlive = true;
  private OptionalLong retryAfter = OptionalLong.empty();

  /**
   * Reads an answer.
   *
   * @param kept how much of its body is read at most
   * @param enough whether this beginning of its body is enough
   */
  ResponseReader(BufferedInputStream in, int kept, Predicate<String> enough) {
    this.in = in;
    this.kept = kept;
    this.enough = enough;
  }

  int status() {
    return status;
  }

  /** The beginning of the body. Whatever is no text becomes question marks; NUL cannot be kept. */
  String body() {
    return body.toString(StandardCharsets.UTF_8).replace('\0', '\ufffd');
  }

  Map<String, String> headers() {
    return headers;
  }

  OptionalLong retryAfter() {
    return retryAfter;
  }

  /**
   * Reads the answer.
   *
   * @return whether it was read to its end, so that the connection can carry another request
   */
  boolean read() throws IOException {
    int interim = 0;
    do {
      if (interim++ > MOST_INTERIM) {
        throw new ProtocolException("too many interim answers");
      }
      statusLine();
      readHeaders();
    } while (status / 100 == 1);
    if (status == 204 || status == 304 || length == 0) {
      return keepAlive;
    }
    if (chunked) {
      return chunks() && keepAlive;
    }
    if (length < 0) {
      var _ = copy(kept);
      return false;
    }
    return length <= kept && copy(length) == length && keepAlive;
  }

  private void statusLine() throws IOException {
    String line = line();
    if (!line.matches("HTTP/1\\.[01] [1-9][0-9]{2}( .*)?")) {
      throw new ProtocolException("the answer is not HTTP/1.1");
    }
    keepAlive = line.startsWith("HTTP/1.1");
    status = Integer.parseInt(line.substring(9, 12));
    length = -1;
    chunked = false;
  }

  private void readHeaders() throws IOException {
    for (int i = 0; i < MOST_LINES; i++) {
      String line = line();
      if (line.isEmpty()) {
        return;
      }
      int colon = line.indexOf(':');
      String name = line.substring(0, Math.max(colon, 0)).toLowerCase(Locale.ROOT);
      String value = line.substring(colon + 1).strip();
      headers.put(name, value);
      switch (name) {
        case "content-length" -> length = number(value);
        case "transfer-encoding" -> chunked = value.equalsIgnoreCase("chunked");
        case "connection" -> keepAlive &= !value.toLowerCase(Locale.ROOT).contains("close");
        case "retry-after" ->
            retryAfter =
                value.matches("[0-9]{1,9}")
                    ? OptionalLong.of(Long.parseLong(value))
                    : OptionalLong.empty();
        default -> {
          // Says nothing about how to read on.
        }
      }
    }
    throw new ProtocolException("too many headers");
  }

  private static long number(String value) throws ProtocolException {
    if (!value.matches("[0-9]{1,18}")) {
      throw new ProtocolException("the length is no number");
    }
    return Long.parseLong(value);
  }

  /** Whether the last chunk was seen. */
  private boolean chunks() throws IOException {
    while (body.size() < kept) {
      String size = line().replaceAll("[;\\s].*", "");
      if (!size.matches("[0-9a-fA-F]{1,8}")) {
        throw new ProtocolException("a chunk has no size");
      }
      long left = Long.parseLong(size, 16);
      if (left == 0) {
        return line().isEmpty();
      }
      if (copy(Math.min(left, kept - body.size())) < left) {
        return false;
      }
      if (enough.test(body())) {
        return false;
      }
      var _ = line();
    }
    return false;
  }

  private long copy(long most) throws IOException {
    byte[] buffer = new byte[(int) Math.min(most, KEPT)];
    long left = most;
    while (left > 0) {
      int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (n < 0) {
        break;
      }
      body.write(buffer, 0, n);
      left -= n;
      if (enough.test(body())) {
        break;
      }
    }
    return most - left;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the receiver closed the connection");
      }
      if (line.length() >= LONGEST_LINE) {
        throw new ProtocolException("a line is too long");
      }
      line.append((char) c);
    }
    int end = line.length();
    return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
  }
}
