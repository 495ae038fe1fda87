package com.atoll.edge.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.ReferenceCountUtil;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One connection to an upstream, leased to one request at a time. */
final class UpstreamConnection extends ChannelInboundHandlerAdapter {
  private static final int TCP_ESTABLISHED = 1;

  private final UpstreamPool pool;
  private final Upstream upstream;
  private @Nullable Channel channel;
  private @Nullable UpstreamUser user;
  private boolean evicted;
  private boolean tunnel;
  private long idleUntil;

  UpstreamConnection(UpstreamPool pool, Upstream upstream, UpstreamUser user) {
    this.pool = pool;
    this.upstream = upstream;
    this.user = user;
  }

  Upstream upstream() {
    return upstream;
  }

  Channel channel() {
    return Objects.requireNonNull(channel);
  }

  void opened(Channel opened) {
    channel = opened;
  }

  @Nullable UpstreamUser user() {
    return user;
  }

  void lease(UpstreamUser leasedTo) {
    user = leasedTo;
  }

  /** No longer of interest to its user; it goes back to the pool or is closed by whoever calls. */
  void leave() {
    user = null;
  }

  void idleUntil(long nanos) {
    idleUntil = nanos;
  }

  boolean isIdle() {
    return user == null;
  }

  boolean isExpired(long now) {
    return now - idleUntil >= 0;
  }

  /** It must not serve another request. */
  void evict() {
    evicted = true;
  }

  boolean isEvicted() {
    return evicted;
  }

  /**
   * Whether it still stands. A careful look asks the kernel too: the peer's goodbye may have
   * arrived and not been read yet.
   */
  boolean isUsable(boolean careful) {
    if (evicted || channel == null || !channel.isActive()) {
      return false;
    }
    if (careful && channel instanceof EpollSocketChannel tcp) {
      return tcp.tcpInfo().state() == TCP_ESTABLISHED;
    }
    return true;
  }

  /** From here on raw bytes. */
  void becomeTunnel() {
    tunnel = true;
    evicted = true;
    channel().pipeline().remove(HttpClientCodec.class);
  }

  void close() {
    if (channel != null) {
      channel.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    UpstreamUser now = user;
    if (now == null) {
      ReferenceCountUtil.release(message);
      ctx.close();
    } else if (tunnel && message instanceof ByteBuf bytes) {
      now.tunnelBytes(bytes);
    } else if (message instanceof HttpResponse response) {
      now.responseHead(response);
      if (message instanceof HttpContent content) {
        now.responseBody(content);
      }
    } else if (message instanceof HttpContent content) {
      now.responseBody(content);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (user != null) {
      user.upstreamReadComplete();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (user != null && ctx.channel().isWritable()) {
      user.upstreamWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    evicted = true;
    UpstreamUser last = user;
    user = null;
    if (last != null) {
      last.upstreamClosed();
    }
    pool.closed(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
