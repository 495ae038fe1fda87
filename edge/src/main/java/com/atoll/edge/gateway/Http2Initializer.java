package com.atoll.edge.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import java.util.concurrent.TimeUnit;

/** HTTP/2 on a client's connection: each stream is a channel of its own. */
final class Http2Initializer {
  private static final int MOST_STREAMS = 128;
  private static final int STREAM_WINDOW = 1 << 20;
  private static final int CONNECTION_WINDOW = 4 << 20;
  private static final int DEFAULT_WINDOW = 65_535;

  private Http2Initializer() {}

  static void http2(ChannelPipeline pipeline, GatewayContext gateway, boolean secure) {
    String peer = PlainInitializer.peer(pipeline.channel());
    Http2FrameCodec codec =
        Http2FrameCodecBuilder.forServer()
            .initialSettings(
                Http2Settings.defaultSettings()
                    .maxConcurrentStreams(MOST_STREAMS)
                    .initialWindowSize(STREAM_WINDOW)
                    .maxHeaderListSize(gateway.limits().headerBytes()))
            .gracefulShutdownTimeoutMillis(4_000)
            .build();
    pipeline.addLast(codec);
    pipeline.addLast(
        new Http2MultiplexHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel stream) {
                stream.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(true));
                stream.pipeline().addLast(new FrontHandler(gateway, true, secure, peer));
              }
            }));
    pipeline.addLast(new ConnectionKeeper(codec, gateway));
  }

  /** Widens the connection's window, and ends connections without streams. */
  private static final class ConnectionKeeper extends ChannelInboundHandlerAdapter {
    private final Http2FrameCodec codec;
    private final GatewayContext gateway;
    private long quietSince;

    ConnectionKeeper(Http2FrameCodec codec, GatewayContext gateway) {
      this.codec = codec;
      this.gateway = gateway;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
      quietSince = System.nanoTime();
      gateway.openedHttp2(ctx.channel());
      var connection = codec.connection();
      connection
          .local()
          .flowController()
          .incrementWindowSize(connection.connectionStream(), CONNECTION_WINDOW - DEFAULT_WINDOW);
      long period = Math.max(50, gateway.limits().keepAlive().toMillis() / 4);
      var clock =
          ctx.channel()
              .eventLoop()
              .scheduleWithFixedDelay(() -> tick(ctx), period, period, TimeUnit.MILLISECONDS);
      ctx.channel().closeFuture().addListener(future -> clock.cancel(false));
    }

    private void tick(ChannelHandlerContext ctx) {
      long now = System.nanoTime();
      if (codec.connection().numActiveStreams() > 0) {
        quietSince = now;
      } else if (now - quietSince > gateway.limits().keepAlive().toNanos()) {
        ctx.close();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
