package com.atoll.cli.ssh;

import com.atoll.cli.http.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Two streams joined with a WebSocket of binary frames, until either side ends. */
final class Relay implements WebSocket.Listener {
  private static final int BUFFER = 64 << 10;

  private final InputStream input;
  private final PrintStream output;
  private final CompletableFuture<Boolean> ended = new CompletableFuture<>();

  Relay(InputStream input, PrintStream output) {
    this.input = input;
    this.output = output;
  }

  void run(Function<WebSocket.Listener, WebSocket> connect) {
    WebSocket socket = connect.apply(this);
    Thread.ofPlatform().daemon().name("relay").start(() -> send(socket));
    try {
      ended.join();
    } catch (CompletionException failed) {
      throw broken(failed);
    } finally {
      socket.abort();
    }
  }

  private void send(WebSocket socket) {
    byte[] buffer = new byte[BUFFER];
    try {
      for (int n = input.read(buffer); n >= 0; n = input.read(buffer)) {
        socket.sendBinary(ByteBuffer.wrap(buffer, 0, n), true).join();
      }
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    } catch (IOException | CompletionException closed) {
      ended.complete(true); // What the other side had to say came another way.
    }
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    output.write(bytes, 0, bytes.length);
    output.flush();
    socket.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
    if (status == WebSocket.NORMAL_CLOSURE) {
      ended.complete(true);
    } else {
      ended.completeExceptionally(
          new ApiException("TUNNEL_CLOSED", "the tunnel closed: " + status + " " + reason, null));
    }
    return null;
  }

  @Override
  public void onError(WebSocket socket, Throwable error) {
    ended.completeExceptionally(error);
  }

  private static ApiException broken(CompletionException failed) {
    Throwable cause = failed.getCause();
    return cause instanceof ApiException known
        ? known
        : new ApiException("TUNNEL_BROKEN", "the tunnel broke: " + cause, "connect again");
  }
}
