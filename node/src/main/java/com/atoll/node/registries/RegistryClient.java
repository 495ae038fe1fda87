package com.atoll.node.registries;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
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
  private @Nullable String token;

  RegistryClient(Reference image) {
    this.image = image;
  }

  /** A manifest or index, by tag or digest. */
  InputStream manifest(String version) throws IOException, RegistryException {
    return get("/manifests/" + version, KINDS);
  }

  /** Packed bytes, by digest. */
  InputStream blob(String digest) throws IOException, RegistryException {
    return get("/blobs/" + digest, "*/*");
  }

  private InputStream get(String path, String kinds) throws IOException, RegistryException {
    URI home = URI.create(image.endpoint());
    URI at = URI.create(image.endpoint() + path);
    for (int i = 0; i <= MOST_REDIRECTS; i++) {
      boolean own = at.getAuthority().equals(home.getAuthority());
      HttpResponse<InputStream> answer = send(at, kinds, own ? token : null);
      int status = answer.statusCode();
      if (status == 200) {
        return answer.body();
      }
      answer.body().close();
      if (status == 401 && own && token == null) {
        token = newToken(answer.headers().firstValue("WWW-Authenticate").orElse(""));
      } else if (status / 100 == 3) {
        Optional<String> to = answer.headers().firstValue("Location");
        at = at.resolve(to.orElseThrow(() -> new RegistryException("it sends us nowhere")));
        requirePublic(at, home);
      } else {
        throw refused(status);
      }
    }
    throw new RegistryException(image.registry() + " sends us in circles");
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

  private HttpResponse<InputStream> send(URI at, String kinds, @Nullable String bearer)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(at).timeout(ANSWER).header("Accept", kinds);
    if (bearer != null) {
      request.header("Authorization", "Bearer " + bearer);
    }
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
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
    requirePublic(at, URI.create(image.endpoint()));
    HttpResponse<InputStream> answer = send(at, "application/json", null);
    try (InputStream body = answer.body()) {
      JsonNode json = JSON.readTree(body.readNBytes(1 << 20));
      String given = json.path("token").asString(json.path("access_token").asString(""));
      if (answer.statusCode() != 200 || given.isEmpty()) {
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

  private static void requirePublic(URI at, URI home) throws IOException, RegistryException {
    if (String.valueOf(at.getAuthority()).equals(home.getAuthority())) {
      return;
    }
    boolean open = "https".equals(at.getScheme()) && at.getHost() != null;
    if (open) {
      for (InetAddress address : InetAddress.getAllByName(at.getHost())) {
        open &=
            !address.isLoopbackAddress()
                && !address.isAnyLocalAddress()
                && !address.isLinkLocalAddress()
                && !address.isSiteLocalAddress()
                && !address.isMulticastAddress();
      }
    }
    if (!open) {
      throw new RegistryException("the registry sends us to a place that is not public");
    }
  }
}
