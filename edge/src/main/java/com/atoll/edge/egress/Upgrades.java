package com.atoll.edge.egress;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Another protocol on the same connection would carry requests that nobody decides. */
final class Upgrades {
  private Upgrades() {}

  /**
   * Leaves of a request's wishes for another protocol that for WebSocket, if it is the only one.
   */
  static void onlyWebSocket(HttpRequest request) {
    HttpHeaders headers = request.headers();
    Set<String> dropped = new HashSet<>();
    if (headers.contains(HttpHeaderNames.UPGRADE) && !isWebSocket(headers)) {
      dropped.add("upgrade");
    }
    if (headers.contains("HTTP2-Settings")) {
      dropped.add("http2-settings");
    }
    if (dropped.isEmpty()) {
      return;
    }
    dropped.forEach(headers::remove);
    List<String> connection =
        words(headers, HttpHeaderNames.CONNECTION)
            .filter(word -> !dropped.contains(word.toLowerCase(Locale.ROOT)))
            .toList();
    headers.remove(HttpHeaderNames.CONNECTION);
    if (!connection.isEmpty()) {
      headers.set(HttpHeaderNames.CONNECTION, String.join(", ", connection));
    }
  }

  /** Whether an answer does what such a request wished for, and nothing else. */
  static boolean isGranted(HttpRequest request, HttpResponse response) {
    return isWebSocket(request.headers()) && isWebSocket(response.headers());
  }

  /**
   * Both sides of a call speak another protocol from here on; {@code front} is the caller's end.
   */
  static void tunnel(ChannelHandlerContext front, Channel from) {
    Channel near = front.channel();
    Relay.join(near, from);
    // What a codec has read too far goes on as it leaves, when that of the other side has left.
    front.pipeline().remove(front.handler());
    near.pipeline().remove("encoder");
    from.pipeline().remove("back");
    from.pipeline().remove("http");
    near.pipeline().remove("flow");
    near.pipeline().remove("decoder");
    near.read();
    from.read();
  }

  private static boolean isWebSocket(HttpHeaders headers) {
    List<String> wishes = words(headers, HttpHeaderNames.UPGRADE).toList();
    return wishes.size() == 1 && wishes.getFirst().equalsIgnoreCase("websocket");
  }

  /** The values of a header, however many lines and commas they stand in. */
  private static Stream<String> words(HttpHeaders headers, CharSequence name) {
    return headers.getAll(name).stream()
        .flatMap(line -> Stream.of(line.split(",", -1)))
        .map(String::strip)
        .filter(word -> !word.isEmpty());
  }
}
