package com.atoll.edge.egress;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundInvoker;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Ends callers' connections so that what they were told arrives, however slowly they take it. */
final class Farewell {
  private static final long HEAR_OUT_SECONDS = 30;

  private Farewell() {}

  /** Done once all that was written before has left. */
  static ChannelFuture flushed(ChannelOutboundInvoker end) {
    return end.writeAndFlush(Unpooled.EMPTY_BUFFER);
  }

  /** Closes once all that was written before has left, if that is still right then. */
  static void afterAll(ChannelHandlerContext client, BooleanSupplier still) {
    flushed(client).addListener(written -> closeIf(client, still));
  }

  /** Resets once all that was written before has left: what has no other end would seem whole. */
  static void breakOff(ChannelHandlerContext client) {
    flushed(client)
        .addListener(written -> {
          client.channel().config().setOption(ChannelOption.SO_LINGER, 0);
          // Past TLS, which would say that this is the end.
          client.pipeline().firstContext().close();
        });
  }

  /**
   * Gives a caller some time to say the rest: who is reset in the middle of what he says mostly
   * does not look for an answer.
   *
   * @param saidAll whether the caller is told that nothing more is to come
   * @param still whether there is some of the rest left
   */
  static void hearOut(ChannelHandlerContext client, boolean saidAll, BooleanSupplier still) {
    if (saidAll && client.channel() instanceof DuplexChannel channel) {
      flushed(client).addListener(written -> channel.shutdownOutput());
    }
    var _ =
        client
            .executor()
            .schedule(() -> closeIf(client, still), HEAR_OUT_SECONDS, TimeUnit.SECONDS);
  }

  private static void closeIf(ChannelHandlerContext client, BooleanSupplier still) {
    if (still.getAsBoolean()) {
      client.close();
    }
  }
}
