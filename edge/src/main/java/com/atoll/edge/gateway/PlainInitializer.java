package com.atoll.edge.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** HTTP/1 on a client's connection. */
final class PlainInitializer extends ChannelInitializer<Channel> {
  private final GatewayContext gateway;

  PlainInitializer(GatewayContext gateway) {
    this.gateway = gateway;
  }

  @Override
  protected void initChannel(Channel channel) {
    if (admit(channel, gateway)) {
      channel.pipeline().addLast(new PrefaceDetector(gateway));
    }
  }

  static boolean admit(Channel channel, GatewayContext gateway) {
    InetAddress client =
        channel.remoteAddress() instanceof InetSocketAddress internet
            ? internet.getAddress()
            : null;
    boolean admitted = gateway.admit(client);
    channel.closeFuture().addListener(future -> gateway.leave(client));
    if (!admitted) {
      channel.close();
    }
    return admitted;
  }

  static String peer(Channel channel) {
    SocketAddress address = channel.remoteAddress();
    return address instanceof InetSocketAddress internet && internet.getAddress() != null
        ? internet.getAddress().getHostAddress()
        : "unknown";
  }

  static void http1(ChannelPipeline pipeline, GatewayContext gateway, boolean secure) {
    Limits limits = gateway.limits();
    HttpDecoderConfig config =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(limits.requestLine())
            .setMaxHeaderSize(limits.headerBytes())
            .setMaxChunkSize(Limits.LARGEST_READ);
    pipeline.channel().config().setRecvByteBufAllocator(Limits.READING);
    FrontHandler front = new FrontHandler(gateway, false, secure, peer(pipeline.channel()));
    pipeline.addLast(
        "watch",
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof ByteBuf) {
              front.bytesArrived();
            }
            ctx.fireChannelRead(message);
          }
        });
    pipeline.addLast(FrontHandler.DECODER, new HttpRequestDecoder(config));
    pipeline.addLast(FrontHandler.ENCODER, new ResponseEncoder());
    pipeline.addLast("front", front);
  }
}
