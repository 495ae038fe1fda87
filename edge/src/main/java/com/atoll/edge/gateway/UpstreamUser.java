package com.atoll.edge.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;

/** Whoever has leased an upstream connection; everything happens on its event loop. */
interface UpstreamUser {
  void connected(UpstreamConnection connection, boolean reused);

  void connectFailed(UpstreamFailure failure);

  void responseHead(HttpResponse response);

  /** Takes over the reference. */
  void responseBody(HttpContent content);

  /** Bytes after an upgrade; takes over the reference. */
  void tunnelBytes(ByteBuf bytes);

  void upstreamReadComplete();

  void upstreamWritable();

  void upstreamClosed();

  /** Is called every few seconds: whoever may not be connected any more ends it. */
  void look();
}
