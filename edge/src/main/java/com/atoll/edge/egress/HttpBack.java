package com.atoll.edge.egress;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;

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
    front.lost(ctx.channel(), Refusal.UNREACHABLE);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent ended && !ended.isSuccess()) {
      front.lost(ctx.channel(), Refusal.of(ended.cause()));
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    front.lost(ctx.channel(), Refusal.of(cause));
  }
}
