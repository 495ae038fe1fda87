package com.atoll.scenarios;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Looks at a terminal over one connection after the other, each from the last cursor on. */
final class TerminalViewer {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final Target target;
  private final String path;
  private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
  private String cursor = "";
  private int connections;
  private final List<Integer> closes = new CopyOnWriteArrayList<>();
  private final List<Integer> exits = new CopyOnWriteArrayList<>();

  TerminalViewer(Target target, Sandbox sandbox, String session) {
    this.target = target;
    this.path = sandbox.at("/terminal/stream?cursor=true&session_id=" + session);
  }

  /** All that was shown before the last cursor. */
  String text() {
    return seen.toString(StandardCharsets.UTF_8);
  }

  int connections() {
    return connections;
  }

  /** The codes that connections were closed with, none when they broke. */
  List<Integer> closes() {
    return closes;
  }

  /** The exit codes that the shell was said to have ended with. */
  List<Integer> exits() {
    return exits;
  }

  /** Connects and looks until so many cursors came, this text is there, or the connection ends. */
  void look(int cursors, String last) {
    Connection connection = new Connection(cursors, last);
    WebSocket socket;
    try {
      String after = cursor.isEmpty() ? "" : "&after=" + cursor;
      socket = open(path + after, connection);
    } catch (CompletionException away) {
      Given.eventually(30, "the API answers", this::answers);
      return;
    }
    connections++;
    try {
      connection.over.get(60, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("nothing for a minute after " + text(), e);
    } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException(e);
    } finally {
      socket.abort();
    }
  }

  /** Looks in pieces until the text is there. */
  void lookFor(String last, java.util.function.IntSupplier cursors) {
    long end = System.nanoTime() + Duration.ofSeconds(90).toNanos();
    while (!text().contains(last)) {
      if (System.nanoTime() > end) {
        throw new AssertionError(last + " never came: " + text());
      }
      look(cursors.getAsInt(), last);
    }
  }

  /** Types into the terminal, as somebody who does not look at it. */
  void type(String text) {
    WebSocket socket = open(path, new Connection(Integer.MAX_VALUE, "\0"));
    socket.sendBinary(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), true).join();
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
  }

  private WebSocket open(String where, WebSocket.Listener listener) {
    String url = target.api().toString().replaceFirst("^http", "ws") + where;
    return CLIENT
        .newWebSocketBuilder()
        .header("Authorization", "Bearer " + target.key())
        .buildAsync(URI.create(url), listener)
        .join();
  }

  private boolean answers() {
    try {
      return new Api(target, target.key()).get("/whoami").status() == 200;
    } catch (RuntimeException away) {
      return false;
    }
  }

  /** One connection: what comes after its last cursor is forgotten with it. */
  private final class Connection implements WebSocket.Listener {
    private final CompletableFuture<Boolean> over = new CompletableFuture<>();
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private final StringBuilder message = new StringBuilder();
    private final String last;
    private int left;

    Connection(int cursors, String last) {
      this.left = cursors;
      this.last = last;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean whole) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      pending.writeBytes(bytes);
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean whole) {
      message.append(data);
      if (whole) {
        JsonNode said = Reply.JSON.readTree(message.toString());
        message.setLength(0);
        switch (said.path("type").asString()) {
          case "cursor" -> reached(said.path("cursor").asString());
          case "exit" -> exits.add(said.path("code").asInt());
          default -> {}
        }
      }
      from.request(1);
      return null;
    }

    private void reached(String now) {
      if (over.isDone()) {
        return;
      }
      cursor = now;
      seen.writeBytes(pending.toByteArray());
      pending.reset();
      left--;
      if (left <= 0 || text().contains(last)) {
        over.complete(true);
      }
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String reason) {
      closes.add(status);
      over.complete(false);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      over.complete(false);
    }
  }
}
