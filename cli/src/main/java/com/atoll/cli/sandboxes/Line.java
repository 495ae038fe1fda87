package com.atoll.cli.sandboxes;

import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The way to the shell, whichever connection that is now. One message goes after the other. */
final class Line {
  /**
   * Held for as long as a message is on its way, which may be for ever: only who sends waits for
   * it. Who replaces or closes the connection ends that by it.
   */
  private final ReentrantLock sending = new ReentrantLock(true);

  private WebSocket now;
  private boolean broken;

  Line(WebSocket first) {
    this.now = first;
  }

  synchronized void replace(WebSocket next) {
    now.abort();
    now = next;
    broken = false;
    notifyAll();
  }

  synchronized void close() {
    now.abort();
  }

  /** Types; waits for a connection that takes it. */
  void type(byte[] bytes, int count) throws InterruptedException {
    byte[] typed = Arrays.copyOf(bytes, count);
    while (!send(socket -> socket.sendBinary(ByteBuffer.wrap(typed), true))) {
      awaitNext();
    }
  }

  /** Says something that the next connection need not hear. */
  void say(String message) throws InterruptedException {
    send(socket -> socket.sendText(message, true));
  }

  private synchronized void awaitNext() throws InterruptedException {
    while (broken) {
      wait();
    }
  }

  private boolean send(Function<WebSocket, CompletableFuture<WebSocket>> message)
      throws InterruptedException {
    sending.lockInterruptibly();
    try {
      WebSocket to = open();
      if (to == null) {
        return false;
      }
      try {
        message.apply(to).join();
        return true;
      } catch (CompletionException gone) {
        broke(to);
        return false;
      }
    } finally {
      sending.unlock();
    }
  }

  private synchronized @Nullable WebSocket open() {
    return broken ? null : now;
  }

  private synchronized void broke(WebSocket socket) {
    broken = broken || socket.equals(now);
  }
}
