package com.atoll.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.atoll.cli.http.Json;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import tools.jackson.databind.JsonNode;

/** One streamed command, process 7, that does what a test wants of it. */
final class GuestServer implements AutoCloseable {
  private static final String OVER = "";

  record Asked(String method, String path, JsonNode body) {}

  /** What the command does about something that it is asked. */
  @FunctionalInterface
  interface Reaction {
    void to(GuestServer server, Asked asked);
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final BlockingQueue<String> frames = new LinkedBlockingQueue<>();
  private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
  private final Reaction reaction;
  private String refusal = "";

  GuestServer(Reaction reaction) {
    this.reaction = reaction;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** Sends this in the stream of the command, which is over with an exit. */
  void send(String text) {
    frames.add(text);
    if (text.contains("event: exit")) {
      frames.add(OVER);
    }
  }

  /** Answers what is asked now so. */
  void refuse(String code, String reason) {
    refusal =
        "{\"error\":{\"code\":\""
            + code
            + "\",\"message\":\"no\",\"details\":{\"reason\":\""
            + reason
            + "\"}}}";
  }

  /** What was asked next. */
  Asked next() {
    try {
      return asked.take();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  private void serve(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().toString();
    JsonNode body = Json.parse(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
    Asked now = new Asked(exchange.getRequestMethod(), path, body == null ? Json.object() : body);
    asked.add(now);
    if (path.contains("/exec/stream")) {
      stream(exchange);
    } else {
      answer(exchange, now);
    }
  }

  private void stream(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      String frame = "id: 7-1000:0\n\n";
      while (!frame.equals(OVER)) {
        out.write(frame.getBytes(UTF_8));
        out.flush();
        frame = frames.take();
      }
    } catch (InterruptedException closing) {
      exchange.close();
    }
  }

  /** One after the other, as the process would. */
  private synchronized void answer(HttpExchange exchange, Asked now) throws IOException {
    refusal = "";
    reaction.to(this, now);
    byte[] text = (refusal.isEmpty() ? "{}" : refusal).getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(refusal.isEmpty() ? 200 : 409, text.length);
    exchange.getResponseBody().write(text);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
