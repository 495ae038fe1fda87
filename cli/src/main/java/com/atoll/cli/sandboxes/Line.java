package com.atoll.cli.sandboxes;

import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/** The way to the shell, whichever connection that is now. One message goes after the other. */
final class Line {
  private Attachment now;
  private boolean broken;

  Line(Attachment first) {
    this.now = first;
  }

  synchronized void replace(Attachment next) {
    now.socket().abort();
    now = next;
    broken = false;
    notifyAll();
  }

  synchronized void close() {
    now.socket().abort();
  }

  /** Types; waits for a connection that takes it. */
  void type(byte[] bytes, int count) throws InterruptedException {
    byte[] typed = Arrays.copyOf(bytes, count);
    while (!send(socket -> socket.sendBinary(ByteBuffer.wrap(typed), true))) {
      awaitNext();
    }
  }

  /** Says something that the next connection need not hear. */
  void say(String message) {
    send(socket -> socket.sendText(message, true));
  }

  private synchronized void awaitNext() throws InterruptedException {
    while (broken) {
      wait();
    }
  }

  private synchronized boolean send(Function<WebSocket, CompletableFuture<WebSocket>> sending) {
    if (broken) {
      return false;
    }
    try {
      sending.apply(now.socket()).join();
      return true;
    } catch (CompletionException gone) {
      broken = true;
      return false;
    }
  }
}
