package com.atoll.scenarios;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A terminal that was opened with its connection, and ends with it. */
final class OwnTerminal {
  private final Given given;
  private final Sandbox sandbox;

  OwnTerminal(Given given, Sandbox sandbox) {
    this.given = given;
    this.sandbox = sandbox;
  }

  /** Its viewer goes while the sandbox is paused: the shell ends after that pause. */
  void isLeftInAPause() throws Exception {
    CompletableFuture<Integer> closed = new CompletableFuture<>();
    WebSocket socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .header("Authorization", "Bearer " + given.target.key())
            .buildAsync(place(), new Closing(closed))
            .get();
    Given.eventually(20, "its shell runs", () -> shells() == 1);
    given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
    var _ = socket.sendClose(WebSocket.NORMAL_CLOSURE, "");
    // A pause that puts memory on disk has closed it already.
    var _ = closed.get(20, TimeUnit.SECONDS);
    given.api.post(sandbox.at("/resume"), Map.of()).expect(200);
    Given.eventually(20, "its shell has ended", () -> shells() == 0);
  }

  private URI place() {
    String api = given.target.api().toString().replaceFirst("^http", "ws");
    return URI.create(api + sandbox.at("/terminal/stream"));
  }

  private long shells() {
    long running = 0;
    for (JsonNode one : given.api.get(sandbox.at("/processes")).expect(200).json().path("data")) {
      boolean shell = one.path("name").asString("").equals("terminal");
      running += shell && one.path("status").asString("").equals("running") ? 1 : 0;
    }
    return running;
  }

  private record Closing(CompletableFuture<Integer> code) implements WebSocket.Listener {
    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String reason) {
      code.complete(status);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      code.complete(0);
    }
  }
}
