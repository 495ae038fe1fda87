package com.atoll.server.http;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One end of a WebSocket. */
public interface WebSocket {
  /** A message: text or binary. */
  sealed interface Message {}

  /** A text message. */
  record Text(String text) implements Message {}

  /** A binary message. */
  @SuppressWarnings("ArrayRecordComponent")
  record Binary(byte[] bytes) implements Message {}

  /** The next message, or null after the client has closed. */
  @Nullable Message receive() throws InterruptedException;

  /** Sends a text message and waits until it went out. */
  void send(String text);

  /** Sends a binary message and waits until it went out. */
  void send(ByteBuffer bytes);

  /** Whether the client is still there. */
  boolean isOpen();

  /** Runs when the client has gone. */
  void onClose(Runnable action);

  /** Closes with a code and a reason. */
  void close(int code, String reason);

  /** The subprotocol that was agreed on, or null. */
  @Nullable String subprotocol();
}
