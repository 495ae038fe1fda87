package com.atoll.node.archive;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What an archive needs of S3, in memory; now and then it is busy, as real ones are. */
public final class S3Server implements AutoCloseable {
  /** Objects by their keys. */
  public final Map<String, byte[]> objects = new ConcurrentSkipListMap<>();

  /** Parts of uploads that nobody has ended. */
  public final Map<String, Map<Integer, byte[]>> uploads = new ConcurrentSkipListMap<>();

  private final Map<String, String> keys = new ConcurrentSkipListMap<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final HttpServer server;

  /** Starts one on loopback. */
  public S3Server() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::serve);
    server.start();
  }

  /** Its base URL. */
  public String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void serve(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    String digest = exchange.getRequestHeaders().getFirst("x-amz-content-sha256");
    if (requests.incrementAndGet() % 3 == 0) {
      answer(
          exchange, 503, "<Error><Code>SlowDown</Code></Error>".getBytes(StandardCharsets.UTF_8));
    } else if (!S3Signature.digest(body, 0, body.length).equals(digest)) {
      answer(
          exchange, 400, "<Error><Code>BadDigest</Code></Error>".getBytes(StandardCharsets.UTF_8));
    } else {
      String key = exchange.getRequestURI().getPath().replaceFirst("^/[^/]*/?", "");
      String query = exchange.getRequestURI().getRawQuery();
      handle(exchange, key, query == null ? "" : query, body);
    }
  }

  private void handle(HttpExchange exchange, String key, String query, byte[] body)
      throws IOException {
    String id = query.replaceFirst(".*uploadId=", "");
    switch (exchange.getRequestMethod()) {
      case "POST" -> {
        if (query.startsWith("uploads")) {
          String made = "upload-" + requests.get();
          uploads.put(made, new TreeMap<>());
          keys.put(made, key);
          text(exchange, "<R><UploadId>" + made + "</UploadId></R>");
        } else {
          ByteArrayOutputStream whole = new ByteArrayOutputStream();
          for (byte[] part : parts(uploads.remove(id)).values()) {
            whole.write(part);
          }
          objects.put(key, whole.toByteArray());
          text(exchange, "<CompleteMultipartUploadResult/>");
        }
      }
      case "PUT" -> {
        if (query.isEmpty()) {
          objects.put(key, body);
        } else {
          int number = Integer.parseInt(query.replaceFirst(".*partNumber=([0-9]+).*", "$1"));
          parts(uploads.get(id)).put(number, body);
          exchange.getResponseHeaders().set("ETag", "\"" + number + "\"");
        }
        text(exchange, "");
      }
      case "DELETE" -> {
        if (query.isEmpty()) {
          objects.remove(key);
        } else {
          uploads.remove(id);
        }
        answer(exchange, 204, null);
      }
      default -> {
        if (query.contains("uploads")) {
          StringBuilder list = new StringBuilder("<L>");
          uploads
              .keySet()
              .forEach(each ->
                  list.append("<Upload><Key>")
                      .append(keys.get(each))
                      .append("</Key><UploadId>")
                      .append(each)
                      .append("</UploadId></Upload>"));
          text(exchange, list.append("</L>").toString());
        } else {
          byte[] object = objects.get(key);
          boolean head = exchange.getRequestMethod().equals("HEAD");
          if (object == null) {
            answer(exchange, 404, null);
          } else if (head) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(object.length));
            answer(exchange, 200, null);
          } else {
            answer(exchange, 200, Arrays.copyOf(object, object.length));
          }
        }
      }
    }
  }

  private static void text(HttpExchange exchange, String text) throws IOException {
    answer(exchange, 200, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void answer(HttpExchange exchange, int status, byte @Nullable [] body)
      throws IOException {
    try (exchange) {
      if (body == null || body.length == 0) {
        exchange.sendResponseHeaders(status, -1);
      } else {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
      }
    }
  }

  private static Map<Integer, byte[]> parts(@Nullable Map<Integer, byte[]> upload) {
    return Objects.requireNonNull(upload, "no such upload");
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
