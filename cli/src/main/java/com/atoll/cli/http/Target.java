package com.atoll.cli.http;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the API is and who asks.
 *
 * @param base the URL with {@code /api/v1}
 * @param host the value of the Host header, when the connection goes elsewhere than the URL says
 * @param key the API key
 */
public record Target(URI base, @Nullable String host, String key) {
  private static final String DEFAULT_PORT = "7080";

  /** From the options, then the environment, then the installation on this machine. */
  public static Target find(
      @Nullable String urlOption, @Nullable String keyOption, Map<String, String> environment) {
    String url = first(urlOption, environment.get("ATOLL_API_URL"));
    if (url == null) {
      url = "http://127.0.0.1:" + environment.getOrDefault("ATOLL_PORT", DEFAULT_PORT);
    }
    String key = first(keyOption, environment.get("ATOLL_API_KEY"));
    return of(url, key == null ? installedKey(environment) : key);
  }

  static Target of(String url, String key) {
    URI base;
    try {
      String trimmed = url.replaceAll("/+$", "");
      base = URI.create(trimmed.matches(".*/v\\d+") ? trimmed : trimmed + "/api/v1");
    } catch (IllegalArgumentException malformed) {
      throw badUrl(url);
    }
    String host = base.getHost();
    String scheme = base.getScheme();
    if (host == null || scheme == null || !scheme.matches("https?")) {
      throw badUrl(url);
    }
    if (!host.toLowerCase(Locale.ROOT).endsWith(".localhost") || scheme.equals("https")) {
      return new Target(base, null, key);
    }
    // Java resolves no name below localhost, although browsers and curl do.
    String authority = base.getRawAuthority();
    String port = base.getPort() < 0 ? "" : ":" + base.getPort();
    return new Target(
        URI.create(scheme + "://127.0.0.1" + port + base.getRawPath()), authority, key);
  }

  /** The URL as it was given. */
  public String url() {
    return host == null ? base.toString() : base.getScheme() + "://" + host + base.getRawPath();
  }

  private static ApiException badUrl(String url) {
    return new ApiException(
        "BAD_API_URL", "not an API URL: " + url, "use the form http://127.0.0.1:7080/api/v1");
  }

  private static String installedKey(Map<String, String> environment) {
    Path file = Path.of(environment.getOrDefault("ATOLL_HOME", "/var/lib/atoll"), "admin.key");
    try {
      return Files.readString(file).strip();
    } catch (IOException unreadable) {
      throw new ApiException(
          "NO_API_KEY",
          "no API key: neither --api-key, ATOLL_API_KEY nor a readable " + file,
          "start the platform with `./atoll up` and run this as the same user, or pass a key");
    }
  }

  private static @Nullable String first(@Nullable String... values) {
    for (String value : values) {
      if (value != null && !value.isBlank()) {
        return value.strip();
      }
    }
    return null;
  }
}
