package com.atoll.cli.sandboxes;

import com.atoll.cli.console.Terminal;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The bytes of one terminal: binary frames both ways, sizes and the end as JSON text. */
final class ShellSession implements WebSocket.Listener {
  private static final Duration SIZE_LOOK = Duration.ofMillis(500);
  private static final Duration LAST_WORD = Duration.ofSeconds(2);
  private final Terminal terminal;
  private final InputStream input;
  private final PrintStream output;
  private final CompletableFuture<Integer> ended = new CompletableFuture<>();
  private final StringBuilder text = new StringBuilder();

  ShellSession(Terminal terminal, InputStream input, PrintStream output) {
    this.terminal = terminal;
    this.input = input;
    this.output = output;
  }

  /** Runs until the shell or the connection ends; answers the shell's exit code. */
  int run(Function<WebSocket.Listener, WebSocket> connect) {
    WebSocket socket = connect.apply(this);
    Thread keys = Thread.ofPlatform().daemon().name("keys").start(() -> sendKeys(socket));
    Thread sizes = Thread.ofVirtual().name("sizes").start(() -> followSize(socket));
    try {
      return ended.join();
    } catch (CompletionException failed) {
      throw failed.getCause() instanceof ApiException api ? api : broken(failed);
    } finally {
      sizes.interrupt();
      keys.interrupt();
      socket.abort();
    }
  }

  private void sendKeys(WebSocket socket) {
    byte[] buffer = new byte[8192];
    try {
      for (int n = input.read(buffer); n >= 0 && !ended.isDone(); n = input.read(buffer)) {
        ByteBuffer typed = ByteBuffer.wrap(buffer, 0, n);
        send(() -> socket.sendBinary(typed, true));
      }
      // A pipe ended: tell the shell as a terminal does.
      send(() -> socket.sendBinary(ByteBuffer.wrap(new byte[] {4}), true));
    } catch (IOException | CompletionException closed) {
      endAfterLastWord(broken(closed));
    }
  }

  /** Keys cannot be sent to a shell that has just ended, whose exit code is still on its way. */
  private void endAfterLastWord(ApiException broken) {
    try {
      if (!endedWithin(LAST_WORD)) {
        ended.completeExceptionally(broken);
      }
    } catch (InterruptedException over) {
      return;
    }
  }

  /** One message after the other: a WebSocket refuses a second while one is being sent. */
  private synchronized void send(Supplier<CompletableFuture<WebSocket>> sending) {
    sending.get().join();
  }

  /**
   * Looks again and again: the kernel tells of a new size by a signal, and Java has no supported
   * way to hear of one.
   */
  private void followSize(WebSocket socket) {
    Terminal.Size known = terminal.size();
    try {
      while (!endedWithin(SIZE_LOOK)) {
        Terminal.Size now = terminal.size();
        if (!now.equals(known)) {
          known = now;
          ObjectNode resize = Json.object();
          resize.put("type", "resize").put("cols", now.columns()).put("rows", now.rows());
          String message = Json.write(resize);
          send(() -> socket.sendText(message, true));
        }
      }
    } catch (InterruptedException | CompletionException over) {
      return;
    }
  }

  private boolean endedWithin(Duration wait) throws InterruptedException {
    try {
      ended.get(wait.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException running) {
      return false;
    } catch (ExecutionException broken) {
      return true;
    }
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    show(bytes);
    socket.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      String whole = text.toString();
      text.setLength(0);
      JsonNode message = Json.parse(whole);
      if (message == null || !message.isObject()) {
        show(whole.getBytes(StandardCharsets.UTF_8));
      } else if (Json.text(message, "type").equals("exit")) {
        ended.complete(message.path("code").asInt(message.path("exit_code").asInt(0)));
      }
    }
    socket.request(1);
    return null;
  }

  private void show(byte[] bytes) {
    output.write(bytes, 0, bytes.length);
    output.flush();
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
    if (status == WebSocket.NORMAL_CLOSURE) {
      ended.complete(0);
    } else {
      ended.completeExceptionally(
          new ApiException(
              "TERMINAL_CLOSED", "the terminal closed: " + status + " " + reason, null));
    }
    return null;
  }

  @Override
  public void onError(WebSocket socket, Throwable error) {
    ended.completeExceptionally(broken(error));
  }

  private static ApiException broken(Throwable cause) {
    String why = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return new ApiException("TERMINAL_BROKEN", "the terminal broke: " + why, "open it again");
  }
}
