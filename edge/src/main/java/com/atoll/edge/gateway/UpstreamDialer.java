package com.atoll.edge.gateway;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.util.concurrent.Promise;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Makes the upstream connections of one event loop. A connection has its channel from the first
 * moment, so that it can be closed before it stands.
 */
final class UpstreamDialer {
  private static final int CONNECT_MS = 3_000;

  /**
   * How much of a body a Unix socket takes before the client is read no more; TCP finds its own.
   */
  private static final int HELD_BY_KERNEL = 512 << 10;

  private final EventLoop loop;
  private final Limits limits;
  private final Path apiSocket;
  private final Path streamsSocket;

  /** How it went; one of both is called, on the loop. */
  interface Outcome {
    /** The connection stands. */
    void ready(UpstreamConnection connection);

    /** It does not, and has ended. */
    void failed(UpstreamConnection connection, UpstreamFailure failure);
  }

  UpstreamDialer(EventLoop loop, Limits limits, Path apiSocket, Path streamsSocket) {
    this.loop = loop;
    this.limits = limits;
    this.apiSocket = apiSocket;
    this.streamsSocket = streamsSocket;
  }

  void dial(UpstreamConnection connection, Outcome outcome) {
    switch (connection.upstream()) {
      case Upstream.Api api ->
          plain(
              connection,
              new DomainSocketAddress(apiSocket.toFile()),
              EpollDomainSocketChannel.class,
              outcome);
      case Upstream.Direct direct ->
          plain(
              connection,
              new InetSocketAddress(direct.owner().address(), direct.port()),
              EpollSocketChannel.class,
              outcome);
      case Upstream.Forward forward -> forwarded(connection, forward, outcome);
    }
  }

  private void plain(
      UpstreamConnection connection,
      SocketAddress address,
      Class<? extends Channel> type,
      Outcome outcome) {
    bootstrap(connection, type, channel -> channel.pipeline().addLast(codec(), connection))
        .connect(address)
        .addListener(future -> {
          if (future.isSuccess()) {
            outcome.ready(connection);
          } else {
            outcome.failed(connection, kind(connection.upstream(), future.cause()));
          }
        });
  }

  private void forwarded(UpstreamConnection connection, Upstream.Forward forward, Outcome outcome) {
    Promise<UpstreamFailure> refused = loop.newPromise();
    refused.addListener(future -> outcome.failed(connection, refused.getNow()));
    bootstrap(
            connection,
            EpollDomainSocketChannel.class,
            channel ->
                channel
                    .pipeline()
                    .addLast(
                        new ForwardHandshake(
                            forward,
                            () -> {
                              channel.pipeline().addLast(codec(), connection);
                              outcome.ready(connection);
                            },
                            refused)))
        .connect(new DomainSocketAddress(streamsSocket.toFile()))
        .addListener(future -> {
          if (!future.isSuccess()) {
            outcome.failed(connection, UpstreamFailure.AWAY);
          }
        });
  }

  private Bootstrap bootstrap(
      UpstreamConnection connection, Class<? extends Channel> type, Consumer<Channel> handlers) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(type)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MS)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.config().setRecvByteBufAllocator(Limits.READING);
                    connection.opened(channel);
                    handlers.accept(channel);
                  }
                });
    return type.equals(EpollDomainSocketChannel.class)
        ? bootstrap.option(ChannelOption.SO_SNDBUF, HELD_BY_KERNEL)
        : bootstrap;
  }

  private HttpClientCodec codec() {
    HttpDecoderConfig config =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(limits.requestLine())
            .setMaxHeaderSize(4 * limits.headerBytes())
            .setMaxChunkSize(Limits.LARGEST_READ);
    return new HttpClientCodec(config, false, false);
  }

  private static UpstreamFailure kind(Upstream upstream, Throwable cause) {
    if (upstream instanceof Upstream.Api) {
      return UpstreamFailure.AWAY;
    }
    boolean refused =
        cause instanceof ConnectException
            && cause.getMessage() != null
            && cause.getMessage().contains("refused");
    return refused ? UpstreamFailure.REFUSED : UpstreamFailure.UNREACHABLE;
  }
}
