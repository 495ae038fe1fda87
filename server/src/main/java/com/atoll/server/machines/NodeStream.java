package com.atoll.server.machines;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A raw byte stream of a node, {@code proto/streams.md}. Blocking; one reader and one writer at a
 * time. Closing it from another thread ends both.
 */
public final class NodeStream implements AutoCloseable {
  /** The longest answer of a node. */
  private static final int LINE = 64 << 10;

  private static final int FIRST = 8 << 10;
  private static final int MOST = 128 << 10;
  private static final int HELD_BY_KERNEL = 1 << 20;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final SocketChannel socket;

  /** Grows with what comes at once: a stream on which little comes holds little. */
  private ByteBuffer buffered = ByteBuffer.allocate(FIRST).limit(0);

  /** Whether the last read left no room: more has come than fits. */
  private boolean full;

  private long size = -1;
  private String version = "";

  private NodeStream(SocketChannel socket) {
    this.socket = socket;
  }

  static NodeStream redeem(Path streams, String token) {
    NodeStream stream = null;
    try {
      stream = new NodeStream(SocketChannel.open(StandardProtocolFamily.UNIX));
      stream.socket.setOption(StandardSocketOptions.SO_SNDBUF, HELD_BY_KERNEL);
      stream.socket.connect(UnixDomainSocketAddress.of(streams));
      stream.output().write(firstLine(token));
      JsonNode answer = stream.readAnswer();
      stream.size = sizeIn(answer);
      stream.version = answer.path("version").asString("");
      return stream;
    } catch (IOException broken) {
      close(stream);
      throw AtollException.causedBy(broken, ErrorCode.NODE_UNAVAILABLE);
    } catch (RuntimeException refused) {
      close(stream);
      throw refused;
    }
  }

  /** Bytes that will come, or -1 when the node does not know. */
  public long size() {
    return size;
  }

  /** Which version of a file it is whose bytes come; empty when the node does not know. */
  public String version() {
    return version;
  }

  /** What the node sends, after its first line. */
  public InputStream input() {
    return new Input();
  }

  /** What the node receives. */
  public OutputStream output() {
    return new Output();
  }

  /** Says that nothing more is sent; the other direction stays open. */
  public void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Ends an upload: waits for the node's word that the file is in place, and gives its size. */
  public long finish() throws IOException {
    endOutput();
    return sizeIn(readAnswer());
  }

  /** After a write that failed: throws what the node refused the upload with, if it said so. */
  public void explain() {
    try {
      var _ = readAnswer();
    } catch (IOException silent) {
      // It went away without a word: the failed write says as much.
      return;
    }
  }

  /** The next line without its end, or nothing when the stream ended. */
  public Optional<String> readLine(int longest) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      if (!buffered.hasRemaining() && !fill()) {
        return line.size() == 0 ? Optional.empty() : Optional.of(text(line));
      }
      byte next = buffered.get();
      if (next == '\n') {
        return Optional.of(text(line));
      }
      if (line.size() == longest) {
        throw new IOException("A line of the node is longer than " + longest + " bytes.");
      }
      line.write(next);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException alreadyGone) {
      // Nothing is left to release.
      return;
    }
  }

  private static void close(@Nullable NodeStream stream) {
    if (stream != null) {
      stream.close();
    }
  }

  private static byte[] firstLine(String token) {
    return (JSON.createObjectNode().put("ticket", token) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static String text(ByteArrayOutputStream line) {
    return line.toString(StandardCharsets.UTF_8);
  }

  private static long sizeIn(JsonNode answer) {
    return answer.path("size").asLong(-1);
  }

  private JsonNode readAnswer() throws IOException {
    String line = readLine(LINE).orElseThrow(EOFException::new);
    JsonNode answer;
    try {
      answer = JSON.readTree(line);
    } catch (JacksonException malformed) {
      throw new IOException("The node's answer is not JSON.", malformed);
    }
    if (!answer.path("ok").asBoolean(false)) {
      throw NodeErrors.named(
          answer.path("code").asString(""),
          answer.path("message").asString("The machine refused."));
    }
    return answer;
  }

  private boolean fill() throws IOException {
    buffered.clear();
    int count = socket.read(buffered);
    buffered.flip();
    return count > 0;
  }

  /** How many bytes are here already. */
  int ready() {
    return buffered.remaining();
  }

  /**
   * Waits until so many bytes are here, which {@link #buffered} then shows; takes whatever else has
   * come along. False when the stream ends before.
   */
  boolean await(int count) throws IOException {
    while (buffered.remaining() < count) {
      makeRoom(count);
      int before = buffered.remaining();
      int read;
      try {
        read = socket.read(buffered.compact());
      } finally {
        buffered.flip();
      }
      if (read < 0) {
        return false;
      }
      full = before + read == buffered.capacity();
    }
    return true;
  }

  /** What is here; whoever takes of it moves its position. */
  ByteBuffer buffered() {
    return buffered;
  }

  private void makeRoom(int count) {
    int wanted = full ? Math.min(MOST, 2 * buffered.capacity()) : buffered.capacity();
    wanted = Math.max(wanted, count);
    if (wanted > buffered.capacity()) {
      buffered = ByteBuffer.allocate(wanted).put(buffered).flip();
    }
    full = false;
  }

  private final class Input extends InputStream {
    @Override
    public int read() throws IOException {
      return buffered.hasRemaining() || fill() ? buffered.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (buffered.hasRemaining()) {
        int count = Math.min(length, buffered.remaining());
        buffered.get(into, offset, count);
        return count;
      }
      return socket.read(ByteBuffer.wrap(into, offset, length));
    }

    @Override
    public void close() {
      NodeStream.this.close();
    }
  }

  private final class Output extends OutputStream {
    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      ByteBuffer bytes = ByteBuffer.wrap(from, offset, length);
      while (bytes.hasRemaining()) {
        socket.write(bytes);
      }
    }
  }
}
