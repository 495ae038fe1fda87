package com.atoll.node.streams;

import com.atoll.node.faults.NodeFault;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A connection to the stream socket: one line each way, then raw bytes. */
public final class Client {
  static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int LINE_LIMIT = 4_096;

  private final SocketChannel channel;
  private final ByteBuffer early = ByteBuffer.allocate(LINE_LIMIT);
  private boolean answered;

  Client(SocketChannel channel) {
    this.channel = channel;
    early.limit(0);
  }

  /** The socket; bytes that came with the first line are read by {@link #read} only. */
  public SocketChannel channel() {
    return channel;
  }

  /** Reads raw bytes; -1 at the client's half-close. */
  public int read(ByteBuffer into) throws IOException {
    if (!early.hasRemaining()) {
      return channel.read(into);
    }
    int size = Math.min(early.remaining(), into.remaining());
    into.put(into.position(), early, early.position(), size);
    into.position(into.position() + size);
    early.position(early.position() + size);
    return size;
  }

  /** Writes everything. */
  public void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** The positive answer without more to say. */
  public void ok() throws IOException {
    send(JSON.createObjectNode().put("ok", true));
  }

  /** The positive answer with a size. */
  public void ok(long size) throws IOException {
    send(JSON.createObjectNode().put("ok", true).put("size", size));
  }

  /** The positive answer with the size and the version of a file; empty where it has none. */
  void ok(long size, String version) throws IOException {
    ObjectNode answer = JSON.createObjectNode().put("ok", true).put("size", size);
    send(version.isEmpty() ? answer : answer.put("version", version));
  }

  /** Whether an answer went out; after that an error can only be told by closing. */
  public boolean answered() {
    return answered;
  }

  /** The negative answer. */
  public void refuse(String code, String message) throws IOException {
    send(JSON.createObjectNode().put("ok", false).put("code", code).put("message", message));
  }

  private void send(ObjectNode answer) throws IOException {
    answered = true;
    write(ByteBuffer.wrap((answer + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  /** The first line, at most 4 KiB, without its end. */
  String line() throws IOException {
    early.clear();
    int end = -1;
    while (end < 0) {
      int from = early.position();
      if (!early.hasRemaining()) {
        throw NodeFault.invalid("the first line is longer than 4 KiB");
      }
      if (channel.read(early) < 0) {
        throw new EOFException("closed before the first line");
      }
      for (int i = from; i < early.position() && end < 0; i++) {
        if (early.get(i) == '\n') {
          end = i;
        }
      }
    }
    early.flip();
    byte[] line = new byte[end];
    early.get(line);
    early.get();
    return new String(line, StandardCharsets.UTF_8);
  }
}
