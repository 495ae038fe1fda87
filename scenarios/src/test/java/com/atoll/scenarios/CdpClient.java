package com.atoll.scenarios;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client of DevTools: one socket, a text for a text. */
final class CdpClient implements AutoCloseable, WebSocket.Listener {
  private final LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final StringBuilder part = new StringBuilder();
  private @Nullable WebSocket socket;

  private CdpClient() {}

  /** Opens the socket of this URL, dialing the gateway and naming the host. */
  static CdpClient open(Target target, String url) {
    URI wanted = URI.create(url);
    CdpClient client = new CdpClient();
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    client.socket =
        http.newWebSocketBuilder()
            .header("Host", wanted.getRawAuthority())
            .buildAsync(
                URI.create("ws://127.0.0.1:" + target.httpPort() + wanted.getRawPath()), client)
            .join();
    return client;
  }

  /** Sends a text and waits for the next one. */
  String call(String text) {
    WebSocket open = socket;
    if (open == null) {
      throw new IllegalStateException();
    }
    open.sendText(text, true).join();
    try {
      String answer = answers.poll(20, TimeUnit.SECONDS);
      if (answer == null) {
        throw new AssertionError("no answer to " + text);
      }
      return answer;
    } catch (InterruptedException stopped) {
      throw new IllegalStateException(stopped);
    }
  }

  boolean endsWithin(int seconds) {
    try {
      return ended.await(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException stopped) {
      throw new IllegalStateException(stopped);
    }
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
    part.append(text);
    if (last) {
      answers.add(part.toString());
      part.setLength(0);
    }
    from.request(1);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    ended.countDown();
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    ended.countDown();
  }

  @Override
  public void close() {
    if (socket != null) {
      socket.abort();
    }
  }
}
