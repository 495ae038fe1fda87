package com.atoll.scenarios;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.ToIntFunction;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;

/** Somebody else's server on loopback that webhooks are delivered to; it keeps what it got. */
final class Receiver implements AutoCloseable {
  private final HttpServer server;
  private final List<Got> all = new CopyOnWriteArrayList<>();

  /** One request. */
  record Got(Map<String, String> headers, String body) {
    JsonNode json() {
      return Reply.JSON.readTree(body);
    }

    String header(String name) {
      return headers.getOrDefault(name, "");
    }

    String type() {
      return json().path("type").asString();
    }

    String resource() {
      return json().path("data").path("id").asString();
    }

    /** Verifies each of the three signatures, from their descriptions alone. */
    boolean isSignedWith(String secret) {
      byte[] text = secret.getBytes(StandardCharsets.UTF_8);
      byte[] key = Base64.getDecoder().decode(secret.substring("whsec_".length()));
      String own = header("Miosa-Signature");
      String seconds = own.substring(2, own.indexOf(','));
      String message = header("webhook-id") + "." + header("webhook-timestamp");
      return own.contains("v1=" + hex(mac(text, seconds + "." + body)))
          && header("X-MIOSA-Signature").equals("sha256=" + hex(mac(text, body)))
          && List.of(header("webhook-signature").split(" ", -1))
              .contains("v1," + Base64.getEncoder().encodeToString(mac(key, message + "." + body)));
    }

    private static String hex(byte[] bytes) {
      return HexFormat.of().formatHex(bytes);
    }

    private static byte[] mac(byte[] key, String message) {
      try {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(message.getBytes(StandardCharsets.UTF_8));
      } catch (GeneralSecurityException impossible) {
        throw new IllegalStateException(impossible);
      }
    }
  }

  /** A receiver that answers with these statuses. */
  Receiver(ToIntFunction<Got> status) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 128);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
          exchange
              .getRequestHeaders()
              .forEach((name, values) -> headers.put(name, values.getFirst()));
          Got got =
              new Got(
                  headers,
                  new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          all.add(got);
          exchange.sendResponseHeaders(status.applyAsInt(got), -1);
          exchange.close();
        });
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
  }

  List<Got> all() {
    return all;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
