package com.atoll.edge.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpContent;

/** One request and its answer; everything happens on the client's event loop. */
interface Exchange {
  void start();

  /** A part of the request's body; takes over the reference. */
  void body(HttpContent content);

  /** The client takes bytes again. */
  void clientWritable();

  /** The client has gone; whatever was acquired for it is given back. */
  void clientGone();

  /** Longest silence. */
  long pauseMs();

  /** Bytes of the client after an upgrade; takes over the reference. */
  default void clientTunnelBytes(ByteBuf bytes) {
    bytes.release();
  }
}
