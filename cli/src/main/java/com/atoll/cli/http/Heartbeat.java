package com.atoll.cli.http;

import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a WebSocket is dead, and tells its listener as any other error. Nothing else does:
 * of a network that is gone nothing comes, and an end without a close frame that is read while the
 * listener still works is lost in the JDK, where it fails on the demand that there is not yet
 * ({@code TransportImpl.acknowledgeReception}). So the other side is pinged.
 */
final class Heartbeat implements WebSocket.Listener {
  private final WebSocket.Listener listener;
  private final Pace pace;
  private final CompletableFuture<Boolean> over = new CompletableFuture<>();
  private boolean working;
  private boolean heard;
  private volatile boolean unsendable;

  /**
   * How often is looked, and when it is enough. Rounds are counted, no time: after this program was
   * stopped for an hour, the other side has not been silent for an hour.
   *
   * @param round between two looks, and two pings
   * @param silent rounds in which nothing comes, until the connection is dead
   */
  record Pace(Duration round, int silent) {
    /** For who answers soon, whatever it is sent. */
    static final Pace ANSWERED = new Pace(Duration.ofSeconds(2), 10);

    /**
     * For who may leave a ping behind other messages for as long as those are not read: the
     * connection is dead only when none can be sent.
     */
    static final Pace SENT = new Pace(ANSWERED.round, Integer.MAX_VALUE);
  }

  Heartbeat(WebSocket.Listener listener, Pace pace) {
    this.listener = listener;
    this.pace = pace;
  }

  /** Watches it from now on, until it has ended. */
  void watch(WebSocket socket) {
    Thread.ofVirtual().name("heartbeat").start(() -> beat(socket));
  }

  private void beat(WebSocket socket) {
    int silent = 0;
    while (!endedWithin(pace.round)) {
      silent = hasBeenHeard() ? 0 : silent + 1;
      boolean closed = unsendable || (socket.isInputClosed() && socket.isOutputClosed());
      // What came before the end is heard first: one that takes no ping may have said more.
      if ((silent >= pace.silent || (closed && silent > 1)) && giveUp()) {
        socket.abort();
        listener.onError(socket, new IOException("the connection is dead"));
        return;
      }
      ping(socket);
    }
  }

  /** A ping that could not be sent yet makes the next one fail too: that says nothing. */
  private void ping(WebSocket socket) {
    var _ =
        socket
            .sendPing(ByteBuffer.allocate(0))
            .whenComplete((_, failure) -> {
              if (failure instanceof IOException) {
                unsendable = true;
              }
            });
  }

  private boolean endedWithin(Duration wait) {
    try {
      return over.get(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException goesOn) {
      return false;
    } catch (ExecutionException | InterruptedException ended) {
      return true;
    }
  }

  private synchronized boolean hasBeenHeard() {
    boolean was = heard || working;
    heard = false;
    return was;
  }

  /** From then on the listener hears nothing any more; not while it hears something. */
  private synchronized boolean giveUp() {
    return !working && !heard && over.complete(true);
  }

  private synchronized boolean begin() {
    working = !over.isDone();
    return working;
  }

  private synchronized void done() {
    working = false;
    heard = true;
  }

  private @Nullable CompletionStage<?> hear(Supplier<@Nullable CompletionStage<?>> hearing) {
    if (!begin()) {
      return null;
    }
    try {
      return hearing.get();
    } finally {
      done();
    }
  }

  @Override
  public void onOpen(WebSocket socket) {
    listener.onOpen(socket);
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
    return hear(() -> listener.onText(socket, data, last));
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
    return hear(() -> listener.onBinary(socket, data, last));
  }

  @Override
  public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
    return hear(() -> listener.onPing(socket, message));
  }

  @Override
  public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
    return hear(() -> listener.onPong(socket, message));
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
    return over.complete(true) ? listener.onClose(socket, status, reason) : null;
  }

  @Override
  public void onError(WebSocket socket, Throwable error) {
    if (over.complete(true)) {
      listener.onError(socket, error);
    }
  }
}
