package com.atoll.server.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Server-sent events: a frame is never torn by another one, and a heartbeat goes out every 15
 * seconds.
 */
public final class EventStream implements AutoCloseable {
  private static final int LONGEST_FIELD = 32;
  private static final byte[] END = ascii("}\n\n");

  private final Response response;
  private final Disconnect disconnect;
  private final ReentrantLock writing = new ReentrantLock();
  private FrameRoom.@Nullable Room gathered;
  private boolean closed;

  EventStream(Response response, Disconnect disconnect) {
    this.response = response;
    this.disconnect = disconnect;
    // The head goes out at once: clients wait for it before they believe in the stream.
    write(": open\n\n");
    Heartbeats.add(this);
  }

  /** Sends an event without an id. */
  public void send(String type, Object data) {
    send(null, type, data);
  }

  /**
   * Sends an event.
   *
   * @param id what a client names to resume after this event
   * @param data an object; {@code type} is added to it
   */
  public void send(@Nullable String id, String type, Object data) {
    write(frame(id, type, data));
  }

  static String frame(@Nullable String id, String type, Object data) {
    ObjectNode object = Json.MAPPER.createObjectNode().put("type", type);
    JsonNode tree = data instanceof JsonNode node ? node : Json.MAPPER.valueToTree(data);
    tree.properties().forEach(field -> object.set(field.getKey(), field.getValue()));
    object.put("type", type);
    StringBuilder frame = new StringBuilder(128);
    if (id != null) {
      frame.append("id: ").append(id).append('\n');
    }
    frame.append("event: ").append(type).append('\n');
    frame
        .append("data: ")
        .append(SingleLine.of(Json.MAPPER.writeValueAsString(object)))
        .append("\n\n");
    return frame.toString();
  }

  /** Says where the stream is, without an event. */
  public void place(String id) {
    write("id: " + id + "\n\n");
  }

  /**
   * Adds an event with a text that may be large, to be sent by {@link #flush} or when much has
   * gathered: it is escaped once, however many fields carry it.
   *
   * @param bytes holds the text as UTF-8, from {@code start} to before {@code end}
   * @param escapes where it is to be escaped, if that is known
   * @param fields names of the fields that carry the text
   */
  public void sendText(
      String id,
      String type,
      byte[] bytes,
      int start,
      int end,
      int @Nullable [] escapes,
      List<String> fields) {
    ByteBuffer text =
        escapes == null
            ? PlainText.quoted(bytes, start, end)
            : PlainText.quoted(bytes, start, end, escapes);
    byte[] head = ascii("id: " + id + "\nevent: " + type + "\ndata: {\"type\":\"" + type + "\"");
    int longest = head.length + fields.size() * (text.limit() + LONGEST_FIELD) + END.length;
    writing.lock();
    try {
      if (closed) {
        return;
      }
      ByteBuffer frame = room(longest).put(head);
      for (String field : fields) {
        frame.put(ascii(",\"" + field + "\":\"")).put(text.rewind()).put((byte) '"');
      }
      frame.put(END);
    } finally {
      writing.unlock();
    }
  }

  /** Sends what {@link #sendText} has gathered. */
  public void flush() {
    writing.lock();
    try {
      sendGathered();
    } finally {
      writing.unlock();
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Whether the client is still there. */
  public boolean connected() {
    return !disconnect.happened();
  }

  /** Runs when the client has gone, at once when it already has. */
  public void onDisconnect(Runnable action) {
    disconnect.then(action);
  }

  void heartbeat() {
    if (writing.tryLock()) {
      try {
        write(": heartbeat\n\n");
      } finally {
        writing.unlock();
      }
    }
  }

  private void write(String frame) {
    write(frame.getBytes(StandardCharsets.UTF_8));
  }

  private void write(byte[] frame) {
    writing.lock();
    try {
      sendGathered();
      send(ByteBuffer.wrap(frame));
    } finally {
      writing.unlock();
    }
  }

  /** Where a frame of at most so many bytes is put, behind those that wait. */
  private ByteBuffer room(int bytes) {
    FrameRoom.Room now = gathered;
    if (now != null && now.buffer().remaining() < bytes) {
      sendGathered();
      now = null;
    }
    if (now == null) {
      now = FrameRoom.take(bytes);
      gathered = now;
    }
    return now.buffer();
  }

  private void sendGathered() {
    FrameRoom.Room full = gathered;
    if (full == null) {
      return;
    }
    gathered = null;
    try (full) {
      send(full.buffer().flip());
    }
  }

  private void send(ByteBuffer frames) {
    try {
      if (closed) {
        return;
      }
      if (disconnect.happened()) {
        throw new IOException("the client has gone");
      }
      Content.Sink.write(response, false, frames);
    } catch (IOException e) {
      disconnect.happen();
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the stream. */
  @Override
  public void close() {
    Heartbeats.remove(this);
    writing.lock();
    try {
      closed = true;
      FrameRoom.Room unsent = gathered;
      gathered = null;
      if (unsent != null) {
        unsent.close();
      }
    } finally {
      writing.unlock();
    }
  }
}
