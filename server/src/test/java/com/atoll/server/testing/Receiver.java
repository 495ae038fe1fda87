package com.atoll.server.testing;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.ToIntFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A receiver of webhooks on loopback, which keeps what it got. */
public final class Receiver implements AutoCloseable {
  private final HttpServer server;
  private final List<Got> all = new CopyOnWriteArrayList<>();

  /** One request; header names are in lower case. */
  public record Got(Map<String, String> headers, String body) {
    /** A header; empty when there is none. */
    public String header(String name) {
      return headers.getOrDefault(name, "");
    }

    /** The body as JSON. */
    public JsonNode json() {
      return JsonMapper.shared().readTree(body);
    }

    /** The type of its event. */
    public String type() {
      return json().path("type").asString("");
    }

    /** The id of its resource. */
    public String resource() {
      return json().path("data").path("id").asString("");
    }
  }

  /** A receiver that answers with what the function says, without a body. */
  public Receiver(ToIntFunction<Got> status) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 128);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
          exchange
              .getRequestHeaders()
              .forEach((name, values) -> headers.put(name, values.getFirst()));
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          Got got = new Got(headers, body);
          all.add(got);
          exchange.sendResponseHeaders(status.applyAsInt(got), -1);
          exchange.close();
        });
    server.start();
  }

  /** Where it listens. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
  }

  /** What it got so far. */
  public List<Got> all() {
    return all;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
