package com.atoll.edge.gateway;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Headers on their way through: what belongs to one hop ends here, what says who asked is ours. */
final class Forwarding {
  private static final List<CharSequence> HOP_BY_HOP =
      List.of(
          HttpHeaderNames.CONNECTION,
          "keep-alive",
          "proxy-connection",
          HttpHeaderNames.PROXY_AUTHENTICATE,
          HttpHeaderNames.PROXY_AUTHORIZATION,
          HttpHeaderNames.TE,
          HttpHeaderNames.TRAILER,
          HttpHeaderNames.TRANSFER_ENCODING,
          HttpHeaderNames.UPGRADE,
          "http2-settings");

  private Forwarding() {}

  static HttpRequest request(Request request, String path) {
    HttpRequest onward =
        new DefaultHttpRequest(
            HttpVersion.HTTP_1_1, request.method(), path, request.headers().copy());
    HttpHeaders headers = onward.headers();
    boolean chunked = headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
    boolean trailers = headers.containsValue(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS, true);
    removeHopByHop(headers);
    removeClaims(headers);
    Tokens.removeCookies(headers);
    headers.set(HttpHeaderNames.HOST, request.host());
    headers.set("X-Forwarded-For", request.peer());
    headers.set("X-Forwarded-Proto", request.secure() ? "https" : "http");
    headers.set("X-Forwarded-Host", request.host());
    if (chunked) {
      headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    if (request.upgrade() != null) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
      headers.set(HttpHeaderNames.UPGRADE, request.upgrade());
    } else if (trailers) {
      headers.set(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS);
      headers.set(HttpHeaderNames.CONNECTION, "TE");
    }
    return onward;
  }

  /** What a client says of its own way here is not believed, and not passed on. */
  private static void removeClaims(HttpHeaders headers) {
    List<String> claims = new ArrayList<>();
    for (var entries = headers.iteratorCharSequence(); entries.hasNext(); ) {
      String name = entries.next().getKey().toString();
      String folded = folded(name);
      if (folded.startsWith("x-forwarded-")
          || folded.startsWith("x-http2-")
          || folded.equals("forwarded")
          || folded.equals("x-real-ip")) {
        claims.add(name);
      }
    }
    claims.forEach(headers::remove);
  }

  /**
   * A name as CGI and its heirs see it: one variable, whichever sign stands between its words (RFC
   * 3875, section 4.1.18).
   */
  private static String folded(String name) {
    StringBuilder folded = new StringBuilder(name.toLowerCase(Locale.ROOT));
    for (int i = 0; i < folded.length(); i++) {
      char c = folded.charAt(i);
      if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) {
        folded.setCharAt(i, '-');
      }
    }
    return folded.toString();
  }

  static HttpResponse response(HttpResponse response, @Nullable String setCookie) {
    HttpResponse onward =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, response.status(), response.headers().copy());
    HttpHeaders headers = onward.headers();
    boolean chunked = headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
    removeHopByHop(headers);
    if (chunked) {
      headers.remove(HttpHeaderNames.CONTENT_LENGTH);
    }
    if (setCookie != null) {
      headers.add(HttpHeaderNames.SET_COOKIE, setCookie);
    }
    return onward;
  }

  static HttpResponse upgraded(HttpResponse response) {
    HttpResponse onward = response(response, null);
    onward.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    String protocol = response.headers().get(HttpHeaderNames.UPGRADE);
    onward.headers().set(HttpHeaderNames.UPGRADE, protocol == null ? "websocket" : protocol);
    return onward;
  }

  private static void removeHopByHop(HttpHeaders headers) {
    for (String named : headers.getAll(HttpHeaderNames.CONNECTION)) {
      for (String token : named.split(",", -1)) {
        String name = token.strip();
        if (!name.isEmpty() && !isEssential(name)) {
          headers.remove(name);
        }
      }
    }
    HOP_BY_HOP.forEach(headers::remove);
  }

  /** A client cannot have these removed by naming them in Connection. */
  private static boolean isEssential(String name) {
    return name.equalsIgnoreCase("host")
        || name.equalsIgnoreCase("content-length")
        || name.equalsIgnoreCase("transfer-encoding")
        || name.equalsIgnoreCase("authorization")
        || name.equalsIgnoreCase("cookie");
  }

  /** How long the peer says it keeps the connection, in ms; negative when it does not say. */
  static long keptForMs(HttpResponse response) {
    String value = response.headers().get("keep-alive");
    int at = value == null ? -1 : value.indexOf("timeout=");
    if (value == null || at < 0) {
      return -1;
    }
    int from = at + "timeout=".length();
    int end = from;
    while (end < value.length() && end - from < 6 && Character.isDigit(value.charAt(end))) {
      end++;
    }
    return end == from ? -1 : Long.parseLong(value.substring(from, end)) * 1_000;
  }
}
