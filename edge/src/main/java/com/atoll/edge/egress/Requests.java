package com.atoll.edge.egress;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads out of a request which host it means, or that it means none that can be trusted. */
final class Requests {
  private static final Pattern HOST = Pattern.compile("[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?");
  private static final int LONGEST_PATH = 8_192;

  private Requests() {}

  /** The host of a request to this port, normalized; null when it is malformed. */
  static @Nullable String host(HttpRequest request, int port) {
    List<String> named = request.headers().getAll(HttpHeaderNames.HOST);
    if (named.size() != 1
        || request.decoderResult().isFailure()
        || request.protocolVersion().majorVersion() != 1
        || request.method().equals(HttpMethod.CONNECT)
        || path(request) == null) {
      return null;
    }
    return normal(named.getFirst(), port);
  }

  /** Whether another server can be sent this as it is, although its host is not known. */
  static boolean canBePassedOn(HttpRequest request) {
    return request.decoderResult().isSuccess()
        && request.protocolVersion().majorVersion() == 1
        && !request.method().equals(HttpMethod.CONNECT);
  }

  /** A host as rules know it; null when it is none, or names another port. */
  static @Nullable String normal(String named, int port) {
    String host = named.toLowerCase(Locale.ROOT);
    int colon = host.indexOf(':');
    if (colon >= 0) {
      if (!host.substring(colon + 1).equals(Integer.toString(port))) {
        return null;
      }
      host = host.substring(0, colon);
    }
    if (host.endsWith(".")) {
      host = host.substring(0, host.length() - 1);
    }
    return HOST.matcher(host).matches() && !host.contains("..") ? host : null;
  }

  /** Whether servers answer this method with the request as they got it, each header included. */
  static boolean asksForItself(HttpMethod method) {
    return method.name().equalsIgnoreCase("TRACE") || method.name().equalsIgnoreCase("TRACK");
  }

  /** The path without the query; null unless the target is one of this server's. */
  static @Nullable String path(HttpRequest request) {
    String target = request.uri();
    if (target.equals("*") && request.method().equals(HttpMethod.OPTIONS)) {
      return target;
    }
    int query = target.indexOf('?');
    String path = query < 0 ? target : target.substring(0, query);
    boolean plain =
        path.startsWith("/")
            && path.length() <= LONGEST_PATH
            && target.chars().allMatch(c -> c > ' ' && c != 0x7f && c != '#');
    return plain ? path : null;
  }
}
