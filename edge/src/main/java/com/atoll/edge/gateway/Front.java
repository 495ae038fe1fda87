package com.atoll.edge.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;

/** The client's side of an exchange: one HTTP/1 connection, or one HTTP/2 stream. */
interface Front {
  EventLoop loop();

  ByteBufAllocator alloc();

  Channel channel();

  boolean isHttp2();

  boolean isSecure();

  boolean isWritable();

  /** Whether file regions can be sent as they are. */
  boolean takesFileRegions();

  /** An interim answer (1xx). */
  void interim(HttpResponse response);

  /** The head of the answer; {@code bodyless} when no body follows whatever the headers say. */
  void head(HttpResponse response, boolean bodyless);

  /** A part of the body; takes over the reference. */
  void body(HttpContent content);

  /** A part of a file as a body; only where {@link #takesFileRegions}. Takes over the reference. */
  void region(FileRegion region);

  void flush();

  /** The answer is complete; takes over the reference. */
  void end(LastHttpContent last);

  /** An answer of the edge itself, whole. */
  void answer(Answer answer);

  /** The answer cannot be completed: the client must notice. */
  void abort();

  void reading(boolean on);

  /** Starts again at the router; {@code exchange} hands on the body parts it has not sent. */
  void reroute(Iterable<HttpContent> held);

  /** Answers 101 and takes raw bytes from here on; {@code upstream} does the same on its side. */
  void upgrade(HttpResponse response, Runnable upstream);

  /** Raw bytes after an upgrade; takes over the reference. */
  void tunnelBytes(ByteBuf bytes);

  /** Ends an upgraded connection after what was written. */
  void endTunnel();
}
