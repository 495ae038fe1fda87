package com.atoll.server.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;

/** Notices that the client of a long answer has gone, also while nothing is written. */
final class Disconnect {
  private final List<Runnable> actions = new ArrayList<>();
  private boolean happened;

  private Disconnect() {}

  /** Watches the connection of a request whose body was read and after which nothing follows. */
  static Disconnect watch(Request request) {
    Disconnect disconnect = new Disconnect();
    request.addFailureListener(failure -> disconnect.happen());
    disconnect.await(request.getConnectionMetaData().getConnection().getEndPoint());
    return disconnect;
  }

  private void await(EndPoint endPoint) {
    endPoint.tryFillInterested(
        new Callback() {
          @Override
          public void succeeded() {
            readOn(endPoint);
          }

          @Override
          public void failed(Throwable failure) {
            happen();
          }
        });
  }

  private void readOn(EndPoint endPoint) {
    ByteBuffer unexpected = ByteBuffer.allocateDirect(1024).flip();
    try {
      int n = endPoint.fill(unexpected);
      while (n > 0) {
        unexpected.clear().flip();
        n = endPoint.fill(unexpected);
      }
      if (n < 0) {
        happen();
      } else {
        await(endPoint);
      }
    } catch (IOException e) {
      happen();
    }
  }

  synchronized boolean happened() {
    return happened;
  }

  void happen() {
    List<Runnable> due;
    synchronized (this) {
      if (happened) {
        return;
      }
      happened = true;
      due = List.copyOf(actions);
    }
    // Never on the selector's thread: an action may block.
    due.forEach(action -> Thread.ofVirtual().start(action));
  }

  void then(Runnable action) {
    synchronized (this) {
      if (!happened) {
        actions.add(action);
        return;
      }
    }
    Thread.ofVirtual().start(action);
  }
}
