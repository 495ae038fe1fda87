package com.atoll.server.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.SerializedString;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Server-sent events: each frame is one write, and a heartbeat goes out every 15 seconds. */
public final class EventStream implements AutoCloseable {
  private final Response response;
  private final Disconnect disconnect;
  private final ReentrantLock writing = new ReentrantLock();
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
    ObjectNode object = Json.MAPPER.createObjectNode().put("type", type);
    JsonNode tree = data instanceof JsonNode node ? node : Json.MAPPER.valueToTree(data);
    tree.properties().forEach(field -> object.set(field.getKey(), field.getValue()));
    object.put("type", type);
    StringBuilder frame = new StringBuilder(128);
    if (id != null) {
      frame.append("id: ").append(id).append('\n');
    }
    frame.append("event: ").append(type).append('\n');
    frame.append("data: ").append(Json.MAPPER.writeValueAsString(object)).append("\n\n");
    write(frame.toString());
  }

  /**
   * Sends an event with a text that may be large: it is escaped once, however many fields carry it.
   *
   * @param fields names of the fields that carry the text
   */
  public void sendText(String id, String type, String text, List<String> fields) {
    byte[] quoted = new SerializedString(text).asQuotedUTF8();
    ByteArrayOutputStream frame =
        new ByteArrayOutputStream(quoted.length * fields.size() + 64 * (fields.size() + 2));
    ascii(frame, "id: " + id + "\nevent: " + type + "\ndata: {\"type\":\"" + type + "\"");
    for (String field : fields) {
      ascii(frame, ",\"" + field + "\":\"");
      frame.writeBytes(quoted);
      frame.write('"');
    }
    ascii(frame, "}\n\n");
    write(frame.toByteArray());
  }

  private static void ascii(ByteArrayOutputStream frame, String text) {
    frame.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
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
      if (closed) {
        return;
      }
      if (disconnect.happened()) {
        throw new IOException("the client has gone");
      }
      Content.Sink.write(response, false, ByteBuffer.wrap(frame));
    } catch (IOException e) {
      disconnect.happen();
      throw new UncheckedIOException(e);
    } finally {
      writing.unlock();
    }
  }

  /** Ends the stream. */
  @Override
  public void close() {
    Heartbeats.remove(this);
    writing.lock();
    try {
      closed = true;
    } finally {
      writing.unlock();
    }
  }
}
