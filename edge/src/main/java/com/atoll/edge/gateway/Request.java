package com.atoll.edge.gateway;

import com.atoll.edge.hosts.Target;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request that passed {@link RequestCheck}.
 *
 * @param method method
 * @param path origin-form target: path and query
 * @param host what the client called us, port included
 * @param target what that host means
 * @param headers as the client sent them
 * @param hasBody whether bytes follow
 * @param upgrade protocol the client wants to change to, or null
 * @param oldHttp whether this is HTTP/1.0
 * @param secure whether it came over TLS
 * @param peer the client's address
 */
record Request(
    HttpMethod method,
    String path,
    String host,
    Target target,
    HttpHeaders headers,
    boolean hasBody,
    @Nullable String upgrade,
    boolean oldHttp,
    boolean secure,
    String peer) {
  private static final Set<HttpMethod> IDEMPOTENT =
      Set.of(
          HttpMethod.GET,
          HttpMethod.HEAD,
          HttpMethod.OPTIONS,
          HttpMethod.PUT,
          HttpMethod.DELETE,
          HttpMethod.TRACE);

  /** Whether its body is of unknown length, or of more than a megabyte. */
  boolean isLong() {
    String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
    return hasBody && (length == null || length.length() > 6);
  }

  /** Whether sending it twice does no harm and needs no kept bytes. */
  boolean isRepeatable() {
    return !hasBody && upgrade == null && IDEMPOTENT.contains(method);
  }

  boolean isHead() {
    return HttpMethod.HEAD.equals(method);
  }

  boolean isGetOrHead() {
    return HttpMethod.GET.equals(method) || isHead();
  }

  /** Whether it changes nothing: what goes up a connection that was upgraded is not seen here. */
  boolean isLook() {
    return upgrade == null && (isGetOrHead() || HttpMethod.OPTIONS.equals(method));
  }

  private String accept() {
    String accept = headers.get(HttpHeaderNames.ACCEPT);
    return accept == null ? "" : accept;
  }

  boolean prefersJson() {
    String accept = accept();
    return accept.contains("json") && !accept.contains("text/html");
  }

  /** Whether a person's browser asks for a page. */
  boolean isNavigation() {
    String mode = headers.get("sec-fetch-mode");
    if (mode != null) {
      return mode.equals("navigate");
    }
    return accept().contains("text/html");
  }

  String pathOnly() {
    int query = path.indexOf('?');
    return query < 0 ? path : path.substring(0, query);
  }

  String query() {
    int query = path.indexOf('?');
    return query < 0 ? "" : path.substring(query + 1);
  }
}
