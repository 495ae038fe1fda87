package com.atoll.edge.egress;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/** Passes bytes on to the other side, no faster than it takes them. */
final class Relay extends ChannelInboundHandlerAdapter {
  /** Who has ended one direction may have left: the other one is not kept open for nothing. */
  private static final int HALF_IDLE_SECONDS = 60;

  private final Channel other;
  private boolean ended;

  private Relay(Channel other) {
    this.other = other;
  }

  /** Joins two channels of one event loop, whose pipelines end in these. */
  static void join(Channel one, Channel two) {
    one.pipeline().addLast("relay", new Relay(two));
    two.pipeline().addLast("relay", new Relay(one));
  }

  /** The same, and when one direction ends the other one goes on, as it would without us. */
  static void joinHalves(Channel one, Channel two) {
    one.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    two.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    join(one, two);
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
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      end(ctx);
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  /** Nothing more comes from here. */
  private void end(ChannelHandlerContext ctx) {
    if (ended) {
      return;
    }
    ended = true;
    if (other.pipeline().get("relay") instanceof Relay opposite && opposite.ended) {
      Farewell.flushed(other).addListener(ChannelFutureListener.CLOSE);
      Farewell.flushed(ctx.channel()).addListener(ChannelFutureListener.CLOSE);
      return;
    }
    var idle = new IdleStateHandler(0, 0, HALF_IDLE_SECONDS, TimeUnit.SECONDS);
    ctx.pipeline().addFirst(idle, new IdleEnd());
    Farewell.flushed(other)
        .addListener(
            (ChannelFutureListener)
                written -> {
                  if (other instanceof DuplexChannel two) {
                    two.shutdownOutput();
                  }
                });
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    Farewell.flushed(other).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
