package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.ApiClient;
import com.atoll.server.testing.TestPostgres;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Tokens that end soon are renewed at their provider, others are left alone. */
final class OauthRenewalTest {
  private final List<String> asked = new CopyOnWriteArrayList<>();

  @Test
  void aTokenThatEndsSoonIsRenewed() throws Exception {
    Path file = TestPostgres.get().installation().home().resolve("secrets/oauth.json");
    HttpServer provider =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    provider.createContext("/token", this::renew);
    provider.start();
    String url = "http://127.0.0.1:" + provider.getAddress().getPort();
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        """
        [{"name": "renewing", "client_id": "atoll", "authorize_url": "%s/a", "token_url": "%s/token"}]
        """
            .formatted(url, url));
    try (RunningPlatform running = new RunningPlatform()) {
      ApiClient owner = running.owner();
      String soon = secret(owner, Instant.now().plusSeconds(60));
      String late = secret(owner, Instant.now().plusSeconds(7_200));
      running.platform().workloads().sweep();
      JsonNode renewed = shown(owner, soon);
      assertEquals(2, renewed.path("version").asLong(), renewed::toString);
      Instant end = Instant.parse(renewed.path("expires_at").asString());
      assertTrue(end.isAfter(Instant.now().plusSeconds(1_800)), renewed::toString);
      assertEquals(1, shown(owner, late).path("version").asLong());
      assertEquals(1, asked.size());
      assertTrue(asked.getFirst().contains("refresh_token=what+renews+it"), asked::toString);
    } finally {
      provider.stop(0);
      Files.delete(file);
    }
  }

  private void renew(HttpExchange exchange) throws IOException {
    asked.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII));
    byte[] answer =
        "{\"access_token\": \"a renewed token\", \"expires_in\": 3600}"
            .getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private static String secret(ApiClient owner, Instant end) {
    return owner
        .post(
            "/egress/secrets",
            """
            {"name": "token", "value": "an old token", "type": "oauth_token",
             "provider": "renewing", "refresh_token": "what renews it", "expires_at": "%s"}
            """
                .formatted(end))
        .json()
        .path("data")
        .path("id")
        .asString();
  }

  private static JsonNode shown(ApiClient owner, String id) {
    return owner.get("/egress/secrets/" + id).json().path("data");
  }
}
