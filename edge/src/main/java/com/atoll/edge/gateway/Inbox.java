package com.atoll.edge.gateway;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What a client has sent and nobody has taken yet. While it is full, nothing more is read. */
final class Inbox {
  private static final int MOST = 64;

  private final Channel channel;
  private final ArrayDeque<HttpObject> parts = new ArrayDeque<>();
  private boolean full;
  private boolean wanted = true;

  Inbox(Channel channel) {
    this.channel = channel;
  }

  /** Takes over the reference. */
  void add(HttpObject part) {
    parts.add(part);
  }

  /** The oldest part, whose reference is the caller's from here on. */
  @Nullable HttpObject poll() {
    return parts.poll();
  }

  boolean isEmpty() {
    return parts.isEmpty();
  }

  /** Puts parts that were taken before everything else again. */
  void putBack(Iterable<HttpContent> taken) {
    ArrayDeque<HttpObject> later = new ArrayDeque<>(parts);
    parts.clear();
    taken.forEach(parts::add);
    parts.addAll(later);
  }

  /** Drops all of it. */
  void release() {
    HttpObject part;
    while ((part = parts.poll()) != null) {
      ReferenceCountUtil.release(part);
    }
  }

  /** Whether bytes of the client are wanted. */
  void reading(boolean on) {
    wanted = on;
    channel.config().setAutoRead(on && !full);
  }

  /** As much was taken as can be at this moment: reads on, or waits. */
  void settle() {
    boolean now = parts.size() > MOST;
    if (now != full) {
      full = now;
      reading(wanted);
    }
  }
}
