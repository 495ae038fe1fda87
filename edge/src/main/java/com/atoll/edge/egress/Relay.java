package com.atoll.edge.egress;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/** Passes bytes on to the other side, no faster than it takes them. */
final class Relay extends ChannelInboundHandlerAdapter {
  private final Channel other;

  private Relay(Channel other) {
    this.other = other;
  }

  /** Joins two channels of one event loop, whose pipelines end in these. */
  static void join(Channel one, Channel two) {
    one.pipeline().addLast("relay", new Relay(two));
    two.pipeline().addLast("relay", new Relay(one));
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (other.isActive()) {
      other.write(message, other.voidPromise());
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    other.flush();
    if (other.isWritable()) {
      ctx.read();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      other.read();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    other
        .writeAndFlush(io.netty.buffer.Unpooled.EMPTY_BUFFER)
        .addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
