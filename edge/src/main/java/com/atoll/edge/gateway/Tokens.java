package com.atoll.edge.gateway;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the edge's own token parameters and cookie in a request, and takes them out of it. */
final class Tokens {
  static final String COOKIE = "atoll_preview";
  static final String SECURE_COOKIE = "__Host-atoll_preview";

  /** How what the server mints for previews begins; a browser token is a JSON web token. */
  private static final List<String> OURS = List.of("mp_", "miosa_pv_", "ms_", "eyJ");

  private static final int LONGEST_TOKEN = 512;

  private Tokens() {}

  /** The token in the query, or null. */
  static @Nullable String inQuery(String query) {
    for (String pair : query.split("&", -1)) {
      if (isToken(pair) && value(pair).length() <= LONGEST_TOKEN) {
        return value(pair);
      }
    }
    return null;
  }

  /** The path without token parameters; the rest of the query is untouched. */
  static String withoutTokens(String path) {
    int mark = path.indexOf('?');
    if (mark < 0 || !(path.contains("preview_token=") || path.contains("ms="))) {
      return path;
    }
    List<String> kept = new ArrayList<>();
    boolean changed = false;
    for (String pair : path.substring(mark + 1).split("&", -1)) {
      if (isToken(pair)) {
        changed = true;
      } else {
        kept.add(pair);
      }
    }
    if (!changed) {
      return path;
    }
    return kept.isEmpty()
        ? path.substring(0, mark)
        : path.substring(0, mark) + '?' + String.join("&", kept);
  }

  /** An application may have parameters of these names too. */
  private static boolean isToken(String pair) {
    return pair.startsWith("preview_token=")
        ? OURS.stream().anyMatch(value(pair)::startsWith)
        : pair.startsWith("ms=") && value(pair).startsWith("ms_");
  }

  private static String value(String pair) {
    try {
      return URLDecoder.decode(pair.substring(pair.indexOf('=') + 1), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException badEscape) {
      return "";
    }
  }

  /**
   * The values of our cookie, in the order of the header. Without TLS a neighbor may have set one
   * for the domain above, which a browser sends along, perhaps before the visitor's own.
   */
  static List<String> inCookies(HttpHeaders headers, boolean secure) {
    String name = secure ? SECURE_COOKIE : COOKIE;
    Set<String> found = new LinkedHashSet<>();
    for (String line : headers.getAll(HttpHeaderNames.COOKIE)) {
      for (String cookie : line.split(";", -1)) {
        String pair = cookie.strip();
        if (pair.startsWith(name)
            && pair.length() > name.length() + 1
            && pair.charAt(name.length()) == '='
            && pair.length() <= LONGEST_TOKEN + name.length()) {
          found.add(pair.substring(name.length() + 1));
        }
      }
    }
    return List.copyOf(found);
  }

  /** Takes our cookies out of the headers; all others stay as they were. */
  static void removeCookies(HttpHeaders headers) {
    List<String> lines = headers.getAll(HttpHeaderNames.COOKIE);
    if (lines.stream().noneMatch(line -> line.contains(COOKIE))) {
      return;
    }
    headers.remove(HttpHeaderNames.COOKIE);
    for (String line : lines) {
      List<String> kept = new ArrayList<>();
      for (String cookie : line.split(";", -1)) {
        String pair = cookie.strip();
        if (!pair.startsWith(COOKIE + "=") && !pair.startsWith(SECURE_COOKIE + "=")) {
          kept.add(pair);
        }
      }
      if (!kept.isEmpty()) {
        headers.add(HttpHeaderNames.COOKIE, String.join("; ", kept));
      }
    }
  }

  /** A cookie for this host only. */
  static String setCookie(String value, long maxAgeSeconds, boolean secure) {
    return (secure ? SECURE_COOKIE : COOKIE)
        + "="
        + value
        + "; Path=/; Max-Age="
        + maxAgeSeconds
        + "; HttpOnly; SameSite=Lax"
        + (secure ? "; Secure" : "");
  }
}
