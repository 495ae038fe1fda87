package com.atoll.scenarios;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;

/**
 * A server of the Model Context Protocol on loopback, of somebody else. It wants a bearer token and
 * its session; below {@code /stream} it answers with streams that it does not end.
 */
final class ToolServer implements AutoCloseable {
  private static final String SESSION = "session-1";

  private final HttpServer server;
  private final String token;
  private final List<String> heard = new CopyOnWriteArrayList<>();

  ToolServer(String token) {
    this.token = token;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 16);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/mcp", exchange -> answer(exchange, false));
    server.createContext("/stream", exchange -> answer(exchange, true));
    server.start();
  }

  String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  /** The methods that were asked for, in their order. */
  List<String> heard() {
    return heard;
  }

  private void answer(HttpExchange exchange, boolean stream) throws IOException {
    if (!("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      send(exchange, 401, "application/json", "{}");
      return;
    }
    if (exchange.getRequestMethod().equals("DELETE")) {
      heard.add("DELETE " + exchange.getRequestHeaders().getFirst("Mcp-Session-Id"));
      send(exchange, 200, "application/json", "{}");
      return;
    }
    JsonNode message = Reply.JSON.readTree(exchange.getRequestBody().readAllBytes());
    String method = message.path("method").asString();
    heard.add(method);
    boolean first = method.equals("initialize");
    if (!first && !SESSION.equals(exchange.getRequestHeaders().getFirst("Mcp-Session-Id"))) {
      send(exchange, 400, "application/json", "{}");
      return;
    }
    if (message.path("id").isMissingNode()) {
      send(exchange, 202, "application/json", "");
      return;
    }
    exchange.getResponseHeaders().set("Mcp-Session-Id", SESSION);
    String text =
        Reply.JSON.writeValueAsString(
            Map.of(
                "jsonrpc",
                "2.0",
                "id",
                message.path("id").asInt(),
                "result",
                first ? greeting() : tools(message)));
    if (!stream) {
      send(exchange, 200, "application/json", text);
      return;
    }
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    String frames = ": hello\n\nevent: message\ndata: " + text + "\n\n";
    out.write(frames.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private static Map<String, Object> greeting() {
    return Map.of(
        "protocolVersion", "2025-06-18",
        "capabilities", Map.of("tools", Map.of()),
        "serverInfo", Map.of("name", "loop", "version", "7"));
  }

  private static Map<String, Object> tools(JsonNode message) {
    boolean more = message.path("params").path("cursor").isMissingNode();
    Map<String, Object> tool =
        Map.of("name", more ? "add" : "multiply", "description", "Does sums.");
    return more
        ? Map.of("tools", List.of(tool), "nextCursor", "page-2")
        : Map.of("tools", List.of(tool));
  }

  private static void send(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
