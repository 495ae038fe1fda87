package com.atoll.edge.gateway;

import com.atoll.edge.hosts.Target;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The edge's own answers as bytes: JSON in the wire's error shape, or a page for people. */
final class Pages {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Pages() {}

  /** {@code request} is null when it could not even be read. */
  static FullHttpResponse render(Answer answer, @Nullable Request request) {
    String requestId =
        "req_"
            + Long.toString(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE), 36)
            + Long.toString(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE), 36);
    boolean json =
        request == null || request.target() instanceof Target.Api || request.prefersJson();
    String text =
        answer.code().isEmpty()
            ? ""
            : json ? json(answer, request, requestId) : html(answer, requestId);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteBuf body =
        request != null && request.isHead() ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(bytes);
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), body);
    var headers = response.headers();
    headers.set(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
    if (bytes.length > 0) {
      headers.set(
          HttpHeaderNames.CONTENT_TYPE,
          json ? "application/json; charset=utf-8" : "text/html; charset=utf-8");
      headers.set(HttpHeaderNames.CACHE_CONTROL, "no-store");
      headers.set("x-content-type-options", "nosniff");
    }
    if (!json && bytes.length > 0) {
      headers.set("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    }
    headers.set("x-request-id", requestId);
    answer.headers().forEach(headers::set);
    return response;
  }

  private static String json(Answer answer, @Nullable Request request, String requestId) {
    String agent = request == null ? null : request.headers().get(HttpHeaderNames.USER_AGENT);
    ObjectNode root = JSON.createObjectNode();
    String message =
        answer.fix().isEmpty() ? answer.message() : answer.message() + " " + answer.fix();
    if (agent != null && agent.startsWith("miosa-elixir/")) {
      root.put("error", message);
    } else {
      ObjectNode error = root.putObject("error");
      error.put("code", answer.code()).put("message", message).put("request_id", requestId);
      if (answer.status() == 503) {
        error.put("retryable", true);
      }
      root.put("message", message);
    }
    root.put("code", answer.code()).put("request_id", requestId);
    String retryAfter = answer.headers().get("Retry-After");
    if (retryAfter != null) {
      root.put("retry_after", Integer.parseInt(retryAfter));
    }
    return root.toString();
  }

  private static String html(Answer answer, String requestId) {
    String fix =
        answer.fix().isEmpty() ? "" : "<p class=\"fix\">" + escape(answer.fix()) + "</p>\n";
    return """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>%1$d %2$s</title>
    <style>
    :root{color-scheme:light dark}
    body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;min-height:100vh;place-items:center}
    main{max-width:38rem;padding:2rem}
    h1{font-size:1.35rem;margin:.2rem 0 .8rem}
    .status{opacity:.6;margin:0}
    .fix{border-left:3px solid #2a7de1;padding-left:1rem}
    small{opacity:.6}
    </style></head><body><main>
    <p class="status">%1$d %2$s</p>
    <h1>%3$s</h1>
    %4$s<small>%5$s &middot; %6$s</small>
    </main></body></html>
    """
        .formatted(
            answer.status(),
            escape(HttpResponseStatus.valueOf(answer.status()).reasonPhrase()),
            escape(answer.message()),
            fix,
            escape(answer.code()),
            requestId);
  }

  static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '&' -> escaped.append("&amp;");
        case '"' -> escaped.append("&quot;");
        case '\'' -> escaped.append("&#39;");
        default -> {
          if (c >= ' ' || c == '\n') {
            escaped.append(c);
          }
        }
      }
    }
    return escaped.toString();
  }
}
