package com.atoll.scenarios;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/**
 * A small authorization server that speaks RFC 6749 and RFC 7636, in place of a provider on the
 * internet: everybody consents at once, a code counts once, the verifier must fit its challenge.
 */
final class OauthServer implements AutoCloseable {
  private final HttpServer server;
  private final Map<String, Map<String, String>> consents = new ConcurrentHashMap<>();
  private final int seconds;

  /** Gives tokens that live so long. */
  OauthServer(int seconds) throws IOException {
    this.seconds = seconds;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/authorize", this::authorize);
    server.createContext("/token", this::token);
    server.start();
  }

  String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  private void authorize(HttpExchange exchange) throws IOException {
    Map<String, String> query = form(exchange.getRequestURI().getRawQuery());
    String code = Given.unique("code");
    consents.put(code, query);
    String to = query.get("redirect_uri") + "?state=" + query.get("state");
    exchange.getResponseHeaders().set("Location", to + "&code=" + code);
    exchange.sendResponseHeaders(302, -1);
    exchange.close();
  }

  private void token(HttpExchange exchange) throws IOException {
    Map<String, String> form =
        form(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII));
    boolean known = "the secret".equals(form.get("client_secret"));
    boolean renewal =
        "refresh_token".equals(form.get("grant_type"))
            && "the refresh token".equals(form.get("refresh_token"));
    if (known && (renewal || consented(form))) {
      answer(
          exchange,
          200,
          """
          {"access_token": "%s", "token_type": "bearer", "refresh_token": "the refresh token",
           "expires_in": %d}\
          """
              .formatted(
                  renewal ? "a renewed token of theirs" : "a first token of theirs", seconds));
    } else {
      answer(exchange, 400, "{\"error\": \"invalid_grant\"}");
    }
  }

  private boolean consented(Map<String, String> form) {
    Map<String, String> consent = consents.remove(form.getOrDefault("code", ""));
    return consent != null
        && form.getOrDefault("redirect_uri", "").equals(consent.get("redirect_uri"))
        && challenge(form.getOrDefault("code_verifier", "")).equals(consent.get("code_challenge"));
  }

  private static String challenge(String verifier) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(
              MessageDigest.getInstance("SHA-256")
                  .digest(verifier.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void answer(HttpExchange exchange, int status, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static Map<String, String> form(String encoded) {
    Map<String, String> form = new HashMap<>();
    for (String field : encoded.split("&", -1)) {
      String[] parts = field.split("=", 2);
      form.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return form;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
