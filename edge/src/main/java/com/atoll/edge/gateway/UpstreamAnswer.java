package com.atoll.edge.gateway;

import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How far the upstream's answer to one request has come on its way to the client. */
final class UpstreamAnswer {
  private static final int MOST_INTERIMS = 32;

  private final Front front;
  private final Request request;
  private final Decision.Pass pass;
  private boolean begun;
  private boolean inInterim;
  private int interims;
  private @Nullable HttpResponse upgraded;
  private boolean keepable;
  private long keptForMs = -1;

  UpstreamAnswer(Front front, Request request, Decision.Pass pass) {
    this.front = front;
    this.request = request;
    this.pass = pass;
  }

  /** Passes a head on; false when it is none that a client could be given. */
  boolean head(HttpResponse response) {
    if (response.decoderResult().isFailure()) {
      return false;
    }
    int status = response.status().code();
    if (status == 101) {
      if (request.upgrade() == null) {
        return false;
      }
      upgraded = Forwarding.upgraded(response);
      return true;
    }
    if (status < 200) {
      return interim(response);
    }
    begun = true;
    boolean bodyless = request.isHead() || status == 204 || status == 304;
    keepable =
        HttpUtil.isKeepAlive(response)
            && (HttpUtil.isTransferEncodingChunked(response)
                || response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
                || bodyless);
    keptForMs = Forwarding.keptForMs(response);
    pass.destination().answered();
    front.head(Forwarding.response(response, pass.setCookie()), bodyless);
    if (request.upgrade() != null) {
      front.reading(true);
    }
    return true;
  }

  private boolean interim(HttpResponse response) {
    inInterim = true;
    if (++interims > MOST_INTERIMS) {
      return false;
    }
    if (!request.oldHttp()) {
      front.interim(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              response.status(),
              front.alloc().buffer(0),
              Forwarding.response(response, null).headers(),
              new DefaultLastHttpContent().trailingHeaders()));
    }
    return true;
  }

  /** Whether this part does no more than end an interim answer. */
  boolean endsInterim(HttpContent part) {
    boolean ends = inInterim && part instanceof LastHttpContent;
    if (ends) {
      inInterim = false;
    }
    return ends;
  }

  /** Whether the client has some of it. */
  boolean hasBegun() {
    return begun;
  }

  /** Whether the upstream agreed to speak something else from here on. */
  boolean isUpgrade() {
    return upgraded != null;
  }

  /** Tells the client so; {@code upstream} does the same on the other side. */
  void upgrade(Runnable upstream) {
    begun = true;
    front.upgrade(Objects.requireNonNull(upgraded), upstream);
  }

  /** Whether the connection is good for another request, once the answer is complete. */
  boolean isKeepable() {
    return keepable;
  }

  /** How long the upstream says it keeps the connection, in ms; negative when it does not say. */
  long keptForMs() {
    return keptForMs;
  }
}
