package com.atoll.edge.gateway;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;

/** How an answer of HTTP/1 says where it ends and whether the connection goes on after it. */
final class Framing {
  private Framing() {}

  /** Says where the body ends; false when only the end of the connection can say that. */
  static boolean delimit(HttpResponse response, boolean bodyless, boolean oldHttp) {
    if (bodyless || response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)) {
      return true;
    }
    if (!oldHttp) {
      response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    return !oldHttp;
  }

  /** Says whether the connection goes on, where that is not the usual thing. */
  static void persistence(HttpResponse response, boolean keepAlive, boolean oldHttp) {
    if (!keepAlive) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (oldHttp) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
  }
}
