package com.atoll.cli.sandboxes;

import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One connection to a terminal. */
final class Attachment implements WebSocket.Listener {
  private final Screen screen;
  private final StringBuilder text = new StringBuilder();
  private final CompletableFuture<WebSocket> socket = new CompletableFuture<>();
  private final CompletableFuture<Integer> exit = new CompletableFuture<>();

  Attachment(Screen screen) {
    this.screen = screen;
  }

  void opened(WebSocket open) {
    socket.complete(open);
  }

  WebSocket socket() {
    return socket.join();
  }

  /** The exit code of the shell, or null when the connection ended without one. */
  @Nullable Integer await() {
    try {
      return exit.join();
    } catch (CompletionException broken) {
      return null;
    }
  }

  /** Why it ended. */
  String why() {
    try {
      exit.join();
      return "ended";
    } catch (CompletionException broken) {
      Throwable cause = broken.getCause();
      return cause == null || cause.getMessage() == null ? "closed" : cause.getMessage();
    }
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    screen.show(bytes);
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      String whole = text.toString();
      text.setLength(0);
      said(whole);
    }
    from.request(1);
    return null;
  }

  private void said(String whole) {
    JsonNode message = Json.parse(whole);
    if (message == null || !message.isObject()) {
      screen.show(whole.getBytes(StandardCharsets.UTF_8));
      return;
    }
    switch (Json.text(message, "type")) {
      case "exit" -> exit.complete(message.path("code").asInt(message.path("exit_code").asInt(0)));
      case "gap" -> screen.skipped();
      case "cursor" -> screen.reached(Json.text(message, "cursor"));
      default -> {}
    }
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String reason) {
    exit.completeExceptionally(
        new ApiException("CLOSED", "the terminal closed: " + status + " " + reason, null));
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    exit.completeExceptionally(error);
  }
}
