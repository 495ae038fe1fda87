package com.atoll.edge.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Tells HTTP/2 with prior knowledge from HTTP/1 by the first bytes of a cleartext connection. */
final class PrefaceDetector extends ByteToMessageDecoder {
  private static final byte[] PREFACE = "PRI * HTTP/2".getBytes(StandardCharsets.US_ASCII);

  private final GatewayContext gateway;
  private @Nullable ScheduledFuture<?> deadline;

  PrefaceDetector(GatewayContext gateway) {
    this.gateway = gateway;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    deadline =
        ctx.channel()
            .eventLoop()
            .schedule(
                () -> ctx.close(), gateway.limits().keepAlive().toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    if (deadline != null) {
      deadline.cancel(false);
    }
    super.channelInactive(ctx);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int known = Math.min(in.readableBytes(), PREFACE.length);
    for (int i = 0; i < known; i++) {
      if (in.getByte(in.readerIndex() + i) != PREFACE[i]) {
        PlainInitializer.http1(ctx.pipeline(), gateway, false);
        ctx.pipeline().remove(this);
        return;
      }
    }
    if (known == PREFACE.length) {
      Http2Initializer.http2(ctx.pipeline(), gateway, false);
      ctx.pipeline().remove(this);
    }
  }
}
