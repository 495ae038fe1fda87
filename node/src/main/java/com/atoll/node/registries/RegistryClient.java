package com.atoll.node.registries;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Talks to one registry for one pull. Only the registry that was allowed is asked; where it sends
 * us to, for a token or a blob, must be a public place or the registry itself.
 */
final class RegistryClient {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final Duration TEXT = Duration.ofSeconds(60);
  private static final int MOST_REDIRECTS = 5;
  private static final Pattern CHALLENGE = Pattern.compile("([a-z]+)=\"([^\"]*)\"");
  private static final String KINDS =
      "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json,"
          + " application/vnd.docker.distribution.manifest.list.v2+json,"
          + " application/vnd.docker.distribution.manifest.v2+json";

  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(ANSWER)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();
  private final Reference image;
  private final PublicPlaces places;
  private final CountDownLatch cancelled;
  private @Nullable String token;

  RegistryClient(Reference image, PublicPlaces places, CountDownLatch cancelled) {
    this.cancelled = cancelled;
    this.image = image;
    this.places = places;
  }

  /** A manifest or index, by tag or digest. */
  InputStream manifest(String version) throws IOException, RegistryException {
    return get("/manifests/" + version, KINDS);
  }

  /** Packed bytes, by digest. */
  InputStream blob(String digest) throws IOException, RegistryException {
    return get("/blobs/" + digest, "*/*");
  }

  /** All of an answer that is a text, within a minute. */
  byte[] text(InputStream answer, int most) throws IOException, RegistryException {
    try (answer;
        BreakOff limit = BreakOff.after(TEXT, cancelled, answer)) {
      byte[] bytes;
      try {
        bytes = answer.readNBytes(most + 1);
      } catch (IOException e) {
        throw limit.isBroken() ? tooSlow(e) : e;
      }
      if (bytes.length > most) {
        throw new RegistryException("the registry's answer is too long");
      }
      return bytes;
    }
  }

  static IOException tooSlow(IOException how) {
    return new IOException("the registry takes too long", how);
  }

  private InputStream get(String path, String kinds) throws IOException, RegistryException {
    URI home = URI.create(image.endpoint());
    URI at = URI.create(image.endpoint() + path);
    for (int i = 0; i <= MOST_REDIRECTS; i++) {
      if (cancelled.getCount() == 0) {
        throw new IOException("nobody waits for it any more");
      }
      boolean own = isOf(at, home);
      HttpAnswer answer = own ? send(at, kinds, token) : places.get(at, kinds);
      int status = answer.status();
      if (status == 200) {
        return answer.body();
      }
      answer.close();
      if (status == 401 && own && token == null) {
        token = newToken(answer.headers().getOrDefault("www-authenticate", ""));
      } else if (status / 100 == 3) {
        at = next(at, answer.headers().get("location"));
      } else {
        throw refused(status);
      }
    }
    throw new RegistryException(image.registry() + " sends us in circles");
  }

  private static URI next(URI at, @Nullable String to) throws RegistryException {
    try {
      if (to != null) {
        return at.resolve(to);
      }
    } catch (IllegalArgumentException nowhere) {
      // As without any.
    }
    throw new RegistryException("it sends us nowhere");
  }

  /** Whether the registry itself answers there. */
  private static boolean isOf(URI at, URI home) {
    return home.getScheme().equals(at.getScheme()) && home.getAuthority().equals(at.getAuthority());
  }

  private RegistryException refused(int status) {
    return new RegistryException(
        switch (status) {
          case 401, 403 -> image.registry() + " does not give this image to everybody";
          case 404 ->
              image.registry() + " has no " + image.repository() + " in version " + image.version();
          default -> image.registry() + " answers " + status;
        });
  }

  private HttpAnswer send(URI at, String kinds, @Nullable String bearer) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(at).timeout(ANSWER).header("Accept", kinds);
    if (bearer != null) {
      request.header("Authorization", "Bearer " + bearer);
    }
    try {
      HttpResponse<InputStream> answer =
          http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      Map<String, String> headers = new HashMap<>();
      answer.headers().map().forEach((name, values) -> headers.put(name, values.getFirst()));
      return new HttpAnswer(answer.statusCode(), headers, answer.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** A token for anybody, from where the registry says. */
  private String newToken(String challenge) throws IOException, RegistryException {
    String realm = "";
    String service = "";
    String scope = "repository:" + image.repository() + ":pull";
    Matcher field = CHALLENGE.matcher(challenge);
    while (challenge.startsWith("Bearer ") && field.find()) {
      switch (field.group(1)) {
        case "realm" -> realm = field.group(2);
        case "service" -> service = field.group(2);
        default -> {}
      }
    }
    if (realm.isEmpty()) {
      throw refused(401);
    }
    URI at;
    try {
      at = URI.create(realm + "?service=" + encode(service) + "&scope=" + encode(scope));
    } catch (IllegalArgumentException e) {
      throw new RegistryException(image.registry() + " names no place for tokens");
    }
    String kinds = "application/json";
    boolean own = isOf(at, URI.create(image.endpoint()));
    try (HttpAnswer answer = own ? send(at, kinds, null) : places.get(at, kinds)) {
      JsonNode json = JSON.readTree(text(answer.body(), 1 << 20));
      String given = json.path("token").asString(json.path("access_token").asString(""));
      if (answer.status() != 200 || given.isEmpty()) {
        throw refused(401);
      }
      return given;
    } catch (JacksonException e) {
      throw refused(401);
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
