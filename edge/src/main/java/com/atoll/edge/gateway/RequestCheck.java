package com.atoll.edge.gateway;

import com.atoll.edge.hosts.Hosts;
import com.atoll.edge.hosts.RequestTarget;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what two servers could read in two ways (request smuggling), and everything out of
 * proportion. The codec has refused most of it; what it lets pass is looked at here.
 */
final class RequestCheck {
  private static final Set<String> UNSUPPORTED = Set.of("CONNECT", "TRACE");

  private final Hosts hosts;
  private final Limits limits;

  RequestCheck(Hosts hosts, Limits limits) {
    this.hosts = hosts;
    this.limits = limits;
  }

  /** A request that cannot be served. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;
    private final transient Answer answer;

    Refused(Answer answer) {
      super(answer.message(), null, false, false);
      this.answer = answer;
    }

    Answer answer() {
      return answer;
    }
  }

  Request check(HttpRequest request, boolean http2, boolean secure, String peer) throws Refused {
    if (request.decoderResult().isFailure()) {
      throw undecodable(request.decoderResult().cause());
    }
    HttpHeaders headers = request.headers();
    boolean oldHttp = version(request.protocolVersion());
    if (headers.size() > limits.headerCount()) {
      throw new Refused(Answer.of(431, "HEADERS_TOO_LARGE", "The request has too many headers."));
    }
    String method = request.method().name();
    if (UNSUPPORTED.contains(method)) {
      throw new Refused(
          Answer.of(405, "METHOD_NOT_ALLOWED", "The method " + method + " is not served here."));
    }
    String uri = request.uri();
    String authority = host(headers);
    if (!uri.startsWith("/")) {
      int scheme = uri.indexOf("://");
      if (scheme > 0 && isHttp(uri.substring(0, scheme))) {
        int slash = indexOfPath(uri, scheme + 3);
        authority = uri.substring(scheme + 3, slash);
        uri = slash == uri.length() ? "/" : uri.substring(slash);
        uri = uri.startsWith("/") ? uri : "/" + uri;
      } else if (uri.equals("*") && HttpMethod.OPTIONS.equals(request.method())) {
        uri = "/*";
      } else {
        throw bad("The request target is not a path.");
      }
    }
    if (authority.indexOf('@') >= 0) {
      throw bad("The host is not a host name.");
    }
    return new Request(
        request.method(),
        printable(uri),
        authority,
        hosts.resolve(authority),
        headers,
        hasBody(request, http2),
        http2 || oldHttp ? null : upgrade(headers),
        oldHttp,
        secure,
        peer);
  }

  private static int indexOfPath(String uri, int from) {
    for (int i = from; i < uri.length(); i++) {
      if (uri.charAt(i) == '/' || uri.charAt(i) == '?') {
        return i;
      }
    }
    return uri.length();
  }

  private static boolean isHttp(String scheme) {
    return scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https");
  }

  private static boolean version(HttpVersion version) throws Refused {
    if (version.majorVersion() == 1 && version.minorVersion() <= 1) {
      return version.minorVersion() == 0;
    }
    throw new Refused(Answer.of(505, "HTTP_VERSION", "This version of HTTP is not served here."));
  }

  private static String host(HttpHeaders headers) throws Refused {
    List<String> all = headers.getAll(HttpHeaderNames.HOST);
    if (all.size() != 1 || all.getFirst().isBlank()) {
      throw bad("A request needs exactly one Host header.");
    }
    return all.getFirst().strip();
  }

  private static boolean hasBody(HttpRequest request, boolean http2) throws Refused {
    List<String> encodings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (!encodings.isEmpty()) {
      if (encodings.size() > 1
          || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(encodings.getFirst().strip())) {
        throw bad("The only transfer encoding served here is a single \"chunked\".");
      }
      if (!http2 && request.headers().contains(HttpHeaderNames.CONTENT_LENGTH)) {
        throw bad("Content-Length and Transfer-Encoding exclude each other.");
      }
      return true;
    }
    return HttpUtil.getContentLength(request, 0L) > 0;
  }

  private static @Nullable String upgrade(HttpHeaders headers) {
    if (!headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)) {
      return null;
    }
    String protocol = headers.get(HttpHeaderNames.UPGRADE);
    if (protocol == null || protocol.toLowerCase(Locale.ROOT).startsWith("h2")) {
      return null;
    }
    return protocol;
  }

  private static String printable(String uri) throws Refused {
    for (int i = 0; i < uri.length(); i++) {
      char c = uri.charAt(i);
      if (c <= ' ' || c == 0x7f || c == '#' || c > 0xff) {
        throw bad("The request target holds a character that has no place there.");
      }
    }
    return RequestTarget.escaped(uri);
  }

  private static Refused undecodable(Throwable cause) {
    Throwable root =
        cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
    if (root instanceof TooLongHttpLineException) {
      return new Refused(Answer.of(414, "URI_TOO_LONG", "The request line is too long."));
    }
    if (root instanceof TooLongHttpHeaderException) {
      return new Refused(Answer.of(431, "HEADERS_TOO_LARGE", "The headers are too large."));
    }
    return bad("The request is not well-formed HTTP.");
  }

  private static Refused bad(String message) {
    return new Refused(Answer.of(HttpResponseStatus.BAD_REQUEST.code(), "BAD_REQUEST", message));
  }
}
