package com.atoll.server.http;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A WebSocket in blocking form: the next message is asked for when the talk is ready for it. */
public final class JettyWebSocket implements Session.Listener, WebSocket {
  private static final Logger log = LoggerFactory.getLogger(JettyWebSocket.class);

  private final WebSocketTalk talk;
  private final @Nullable String subprotocol;
  private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
  private final List<Runnable> onClose = new ArrayList<>();
  private boolean ended;
  private volatile @Nullable Session session;

  /** What arrived: a message, or the end when it is null. */
  private record Received(@Nullable Message message) {}

  JettyWebSocket(WebSocketTalk talk, @Nullable String subprotocol) {
    this.talk = talk;
    this.subprotocol = subprotocol;
  }

  @Override
  public void onWebSocketOpen(Session opened) {
    session = opened;
    Thread.ofVirtual().name("websocket").start(this::run);
  }

  private void run() {
    try {
      talk.talk(this);
      close(StatusCode.NORMAL, "");
    } catch (Exception e) {
      if (isOpen()) {
        log.warn("a WebSocket conversation failed", e);
      }
      close(StatusCode.SERVER_ERROR, "the conversation failed");
    }
  }

  @Override
  public void onWebSocketText(String text) {
    received.add(new Received(new Text(text)));
  }

  @Override
  public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
    byte[] bytes = new byte[payload.remaining()];
    payload.get(bytes);
    received.add(new Received(new Binary(bytes)));
    callback.succeed();
  }

  @Override
  public void onWebSocketClose(int code, String reason, Callback callback) {
    end();
    callback.succeed();
  }

  @Override
  public void onWebSocketError(Throwable cause) {
    end();
  }

  private void end() {
    List<Runnable> due;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      due = List.copyOf(onClose);
    }
    received.add(new Received(null));
    due.forEach(action -> Thread.ofVirtual().start(action));
  }

  @Override
  public @Nullable Message receive() throws InterruptedException {
    Received waiting = received.poll();
    if (waiting == null) {
      opened().demand();
      waiting = received.take();
    }
    if (waiting.message() == null) {
      received.add(waiting);
    }
    return waiting.message();
  }

  @Override
  public void send(String text) {
    await(done -> opened().sendText(text, done));
  }

  @Override
  public void send(ByteBuffer bytes) {
    await(done -> opened().sendBinary(bytes, done));
  }

  private interface Sending {
    void start(Callback done);
  }

  private static void await(Sending sending) {
    CountDownLatch sent = new CountDownLatch(1);
    List<Throwable> failures = new ArrayList<>();
    sending.start(
        Callback.from(
            sent::countDown,
            failure -> {
              failures.add(failure);
              sent.countDown();
            }));
    try {
      sent.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    if (!failures.isEmpty()) {
      throw new IllegalStateException("the client has gone", failures.getFirst());
    }
  }

  @Override
  public boolean isOpen() {
    Session open = session;
    return open != null && open.isOpen();
  }

  @Override
  public synchronized void onClose(Runnable action) {
    if (ended) {
      Thread.ofVirtual().start(action);
    } else {
      onClose.add(action);
    }
  }

  @Override
  public void close(int code, String reason) {
    opened().close(code, reason, Callback.NOOP);
  }

  @Override
  public @Nullable String subprotocol() {
    return subprotocol;
  }

  private Session opened() {
    Session open = session;
    if (open == null) {
      throw new IllegalStateException("the socket is not open yet");
    }
    return open;
  }
}
