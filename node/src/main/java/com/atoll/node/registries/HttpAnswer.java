package com.atoll.node.registries;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * An answer of HTTP/1.1 to a request that asked for the end of the connection.
 *
 * @param headers by their names in lower case; of several of a name the first
 * @param body ends where the answer does, or breaks off with an error; closing it ends the
 *     connection
 */
record HttpAnswer(int status, Map<String, String> headers, InputStream body)
    implements AutoCloseable {
  private static final int MOST_HEAD = 64 << 10;

  /** Reads the head of an answer. */
  static HttpAnswer read(InputStream in, Closeable connection) throws IOException {
    int left = MOST_HEAD;
    while (true) {
      String first = line(in, left);
      left -= first.length() + 2;
      if (!first.matches("HTTP/1\\.[01] [1-5][0-9][0-9]( .*)?")) {
        throw new IOException("the answer is not HTTP");
      }
      int status = Integer.parseInt(first.substring(9, 12));
      Map<String, String> headers = new LinkedHashMap<>();
      String header = line(in, left);
      while (!header.isEmpty()) {
        left -= header.length() + 2;
        int colon = header.indexOf(':');
        if (colon > 0) {
          headers.putIfAbsent(
              header.substring(0, colon).strip().toLowerCase(Locale.ROOT),
              header.substring(colon + 1).strip());
        }
        header = line(in, left);
      }
      if (status >= 200) {
        return new HttpAnswer(status, headers, new Body(in, connection, headers));
      }
    }
  }

  @Override
  public void close() throws IOException {
    body.close();
  }

  private static String line(InputStream in, int most) throws IOException {
    StringBuilder line = new StringBuilder();
    while (line.length() < most) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the answer broke off");
      }
      if (next == '\n') {
        int end = line.length() - 1;
        return end >= 0 && line.charAt(end) == '\r' ? line.substring(0, end) : line.toString();
      }
      line.append((char) next);
    }
    throw new IOException("the head of the answer is too long");
  }

  /** The bytes of the answer, whole or not at all. */
  private static final class Body extends FilterInputStream {
    private static final long TO_THE_END = -1;

    private final Closeable connection;
    private final boolean chunked;

    /** Bytes of this chunk, or of the answer, that are not read yet. */
    private long left;

    private boolean ended;

    Body(InputStream in, Closeable connection, Map<String, String> headers) throws IOException {
      super(in);
      this.connection = connection;
      chunked = headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked");
      String length = headers.get("content-length");
      if (length != null && !length.matches("[0-9]{1,18}")) {
        throw new IOException("the answer has no length that can be");
      }
      left = chunked ? 0 : length == null ? TO_THE_END : Long.parseLong(length);
      ended = left == 0 && !chunked;
      if (chunked) {
        nextChunk();
      }
    }

    private void nextChunk() throws IOException {
      String size = line(in, 256).split(";", 2)[0].strip();
      if (!size.matches("[0-9a-fA-F]{1,12}")) {
        throw new IOException("a chunk of the answer has no size that can be");
      }
      left = Long.parseLong(size, 16);
      ended = left == 0;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      if (ended) {
        return -1;
      }
      int wanted = left == TO_THE_END ? length : (int) Math.min(length, left);
      int got = in.read(into, from, wanted);
      if (got < 0) {
        ended = true;
        if (left != TO_THE_END) {
          throw new IOException("the answer broke off");
        }
        return got;
      }
      if (left != TO_THE_END) {
        left -= got;
        if (left == 0 && chunked) {
          if (!line(in, 2).isEmpty()) {
            throw new IOException("a chunk of the answer is longer than it says");
          }
          nextChunk();
        } else {
          ended = left == 0;
        }
      }
      return got;
    }

    @Override
    public int available() {
      return 0;
    }

    @Override
    public void close() throws IOException {
      connection.close();
    }
  }
}
