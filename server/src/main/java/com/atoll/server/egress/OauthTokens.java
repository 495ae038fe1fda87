package com.atoll.server.egress;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks token endpoints (RFC 6749, sections 4.1.3 and 6; RFC 7636). */
final class OauthTokens {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration LIMIT = Duration.ofSeconds(15);
  private static final int MOST_BYTES = 1 << 18;
  private static final int MOST_SECONDS = 10 * 365 * 86_400;

  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(LIMIT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /** What a provider gave. */
  record Granted(String access, @Nullable String refresh, @Nullable OffsetDateTime expiresAt) {}

  /** A provider that gave nothing, with its reason. */
  static final class RefusedException extends Exception {
    RefusedException(String reason) {
      super(reason);
    }
  }

  /** Turns the code of a consent into tokens. */
  Granted exchange(OauthProvider provider, String code, String verifier, String redirect)
      throws RefusedException {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "authorization_code");
    form.put("code", code);
    form.put("redirect_uri", redirect);
    form.put("code_verifier", verifier);
    return ask(provider, form);
  }

  /** Gets a new token for one that ends. */
  Granted refresh(OauthProvider provider, String refreshToken) throws RefusedException {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "refresh_token");
    form.put("refresh_token", refreshToken);
    return ask(provider, form);
  }

  private Granted ask(OauthProvider provider, Map<String, String> form) throws RefusedException {
    form.put("client_id", Objects.requireNonNull(provider.clientId()));
    String secret = provider.clientSecret();
    if (secret != null) {
      form.put("client_secret", secret);
    }
    URI url = Objects.requireNonNull(provider.tokenUrl());
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(LIMIT)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Accept", "application/json")
            .POST(BodyPublishers.ofString(encoded(form)))
            .build();
    try {
      HttpResponse<InputStream> answer = client.send(request, BodyHandlers.ofInputStream());
      try (InputStream body = answer.body()) {
        return read(answer.statusCode(), JSON.readTree(body.readNBytes(MOST_BYTES)));
      }
    } catch (IOException | JacksonException e) {
      throw new RefusedException("the provider did not answer as RFC 6749 says");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException("it was interrupted");
    }
  }

  private static Granted read(int status, JsonNode answer) throws RefusedException {
    String access = answer.path("access_token").asString("");
    if (status != 200 || access.isEmpty() || access.length() > 16_384) {
      String error = answer.path("error").asString("");
      String told = error.matches("[a-z_]{1,64}") ? error : "status " + status;
      throw new RefusedException("the provider refused: " + told);
    }
    String refresh = answer.path("refresh_token").asString("");
    int seconds = answer.path("expires_in").asInt(0);
    return new Granted(
        access,
        refresh.isEmpty() || refresh.length() > 16_384 ? null : refresh,
        seconds <= 0 || seconds > MOST_SECONDS ? null : Policies.now().plusSeconds(seconds));
  }

  static String encoded(Map<String, String> form) {
    return form.entrySet().stream()
        .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
