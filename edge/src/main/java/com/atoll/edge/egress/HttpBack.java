package com.atoll.edge.egress;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** The end of a connection to a host that speaks HTTP/1. */
final class HttpBack extends ChannelInboundHandlerAdapter {
  private final HttpFront front;

  HttpBack(HttpFront front) {
    this.front = front;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    front.answer(ctx.channel(), message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    front.answerComplete(ctx.channel());
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      front.upstreamWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    front.lost(ctx.channel());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    front.lost(ctx.channel());
  }
}
