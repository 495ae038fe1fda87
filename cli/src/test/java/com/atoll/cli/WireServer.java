package com.atoll.cli;

import com.atoll.cli.console.InputKind;
import com.atoll.cli.http.Json;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Answers what a test taught it, remembers what it was asked. */
final class WireServer implements AutoCloseable {
  record Asked(String method, String path, Map<String, String> headers, String body) {
    JsonNode json() {
      JsonNode node = Json.parse(body);
      return node == null ? Json.object() : node;
    }
  }

  record Answer(int status, String type, String body, Map<String, String> headers) {
    static Answer json(int status, String body) {
      return new Answer(
          status, "application/json; charset=utf-8", body, Map.of("X-Request-ID", "req_test"));
    }

    static Answer events(String frames) {
      return new Answer(200, "text/event-stream", frames, Map.of());
    }

    static Answer bytes(String body) {
      return new Answer(200, "application/octet-stream", body, Map.of());
    }
  }

  record Ran(int code, String out, String err) {
    JsonNode json() {
      JsonNode node = Json.parse(out);
      if (node == null) {
        throw new AssertionError("stdout is not one JSON value: " + out);
      }
      return node;
    }
  }

  private final HttpServer server;
  private final Map<String, Deque<Answer>> answers = new HashMap<>();
  final List<Asked> asked = new ArrayList<>();

  WireServer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    server.createContext("/", this::serve);
    server.start();
  }

  WireServer on(String method, String path, Answer... inTurn) {
    answers.put(method + " " + path, new ArrayDeque<>(List.of(inTurn)));
    return this;
  }

  private synchronized void serve(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().toString();
    Map<String, String> headers = new HashMap<>();
    exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.getFirst()));
    asked.add(
        new Asked(
            exchange.getRequestMethod(),
            path,
            headers,
            text(exchange.getRequestBody().readAllBytes())));
    Deque<Answer> known = answers.get(exchange.getRequestMethod() + " " + path);
    Answer answer =
        known == null
            ? Answer.json(404, "{\"error\":{\"code\":\"NOT_FOUND\",\"message\":\"no such thing\"}}")
            : known.size() > 1 ? known.removeFirst() : known.getFirst();
    exchange.getResponseHeaders().set("Content-Type", answer.type());
    answer.headers().forEach(exchange.getResponseHeaders()::set);
    exchange.sendResponseHeaders(
        answer.status(), answer.body().isEmpty() ? -1 : answer.body().length());
    if (!answer.body().isEmpty()) {
      exchange.getResponseBody().write(answer.body().getBytes(StandardCharsets.ISO_8859_1));
    }
    exchange.close();
  }

  /** Bytes as text, one character each. */
  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  int port() {
    return server.getAddress().getPort();
  }

  synchronized Asked only(String method) {
    List<Asked> matching = asked.stream().filter(a -> a.method().equals(method)).toList();
    if (matching.size() != 1) {
      throw new AssertionError("asked " + asked);
    }
    return matching.getFirst();
  }

  Ran atoll(String... arguments) {
    return atoll(
        "http://127.0.0.1:" + port(), InputStream.nullInputStream(), InputKind.NONE, arguments);
  }

  static Ran atoll(String url, InputStream input, String... arguments) {
    return atoll(url, input, InputKind.DATA, arguments);
  }

  private static Ran atoll(String url, InputStream input, InputKind kind, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        new Atoll(
                Map.of("ATOLL_API_URL", url, "ATOLL_API_KEY", "msk_a_test"), input, kind, out, err)
            .execute(arguments);
    return new Ran(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  static InputStream typed(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
