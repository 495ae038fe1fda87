package com.atoll.edge.gateway;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A small application on a loopback address: stands where a sandbox's server stands. */
final class Guest implements AutoCloseable {
  final HttpServer server;
  final AtomicInteger requests = new AtomicInteger();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final String name;

  Guest(String name, String address, int port) throws IOException {
    this.name = name;
    server = HttpServer.create(new InetSocketAddress(address, port), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    String path = exchange.getRequestURI().getPath();
    // The last part says what is wanted: an API sees it below a path of the gateway's own.
    switch (path.substring(path.lastIndexOf('/'))) {
      case "/echo" -> {
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
          exchange.getRequestBody().transferTo(out);
        }
      }
      case "/headers" -> {
        StringBuilder text = new StringBuilder(exchange.getRequestURI() + "\n");
        exchange
            .getRequestHeaders()
            .forEach((key, values) -> values.forEach(v -> text.append(key + ": " + v + "\n")));
        text(exchange, text.toString());
      }
      default -> {
        exchange.getRequestBody().readAllBytes();
        text(exchange, name);
      }
    }
  }

  static void text(HttpExchange exchange, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  String sandboxRoute(String slug, String extra) {
    return sandboxRoute(
        slug, "running", server.getAddress().getAddress().getHostAddress(), 1, extra);
  }

  static String sandboxRoute(
      String slug, String state, String address, int incarnation, String extra) {
    return """
    {"key":"sandbox/sbx_%1$s","kind":"sandbox","slug":"%1$s","sandbox_id":"sbx_%1$s",\
    "state":"%2$s","address":"%3$s","incarnation":%4$d,"created_unix_ms":1%5$s}\
    """
        .formatted(slug, state, address, incarnation, extra);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
