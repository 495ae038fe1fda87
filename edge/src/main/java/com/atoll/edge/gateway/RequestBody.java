package com.atoll.edge.gateway;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayDeque;
import java.util.List;

/** The body of one request on its way to an upstream; it is held until one takes it. */
final class RequestBody {
  private static final int FEW = 4;

  private final ArrayDeque<HttpContent> held = new ArrayDeque<>(FEW);
  private boolean open;
  private boolean complete;

  /** Whether parts go to the upstream as they come. */
  boolean isOpen() {
    return open;
  }

  /** Whether the upstream was sent all of the request. */
  boolean isComplete() {
    return complete;
  }

  /** The upstream takes parts: sends those that were held. */
  void open(Channel upstream) {
    open = true;
    HttpContent next;
    while ((next = held.poll()) != null) {
      write(next, upstream);
    }
    upstream.flush();
  }

  /** There is none: ends the request. */
  void none(Channel upstream) {
    upstream.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    complete = true;
  }

  /** Sends a part; takes over the reference. */
  void send(HttpContent part, Channel upstream) {
    write(part, upstream);
    upstream.flush();
  }

  private void write(HttpContent part, Channel upstream) {
    complete |= part instanceof LastHttpContent;
    upstream.write(part);
  }

  /** Keeps a part until an upstream takes it; takes over the reference. */
  void hold(HttpContent part) {
    held.add(part);
  }

  /** What no upstream has taken; the references are the caller's from here on. */
  List<HttpContent> handOver() {
    List<HttpContent> handed = List.copyOf(held);
    held.clear();
    return handed;
  }

  /** Drops what no upstream has taken. */
  void release() {
    HttpContent next;
    while ((next = held.poll()) != null) {
      next.release();
    }
  }
}
