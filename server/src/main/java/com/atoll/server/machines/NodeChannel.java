package com.atoll.server.machines;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A gRPC channel that finds a restarted node again within 200 ms; gRPC's own back-off grows to two
 * minutes.
 */
final class NodeChannel implements AutoCloseable {
  private static final int LARGEST_MESSAGE = 32 << 20;
  private static final long RETRY_MS = 200;

  private final ManagedChannel grpc;
  private final Runnable release;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("node-reconnect").factory());

  private NodeChannel(ManagedChannel grpc, Runnable release) {
    this.grpc = grpc;
    this.release = release;
    watchState();
  }

  static NodeChannel unix(Path socket) {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    ManagedChannel grpc =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .channelType(EpollDomainSocketChannel.class)
            .eventLoopGroup(loop)
            // A Unix socket has no such option; gRPC sets it and Netty warns.
            .withOption(ChannelOption.SO_KEEPALIVE, null)
            .overrideAuthority("node")
            .usePlaintext()
            .directExecutor()
            .idleTimeout(365, TimeUnit.DAYS)
            .maxInboundMessageSize(LARGEST_MESSAGE)
            .flowControlWindow(4 << 20)
            .build();
    return new NodeChannel(
        grpc,
        () -> {
          var _ = loop.shutdownGracefully();
        });
  }

  ManagedChannel grpc() {
    return grpc;
  }

  /** Waits until the node is connected, at most so long; the call after it says what is wrong. */
  void awaitReady(Duration limit) {
    ConnectivityState state = grpc.getState(true);
    if (state == ConnectivityState.READY) {
      return;
    }
    long end = System.nanoTime() + limit.toNanos();
    while (state != ConnectivityState.READY && state != ConnectivityState.SHUTDOWN) {
      CountDownLatch changed = new CountDownLatch(1);
      grpc.notifyWhenStateChanged(state, changed::countDown);
      try {
        if (!changed.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          return;
        }
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        return;
      }
      state = grpc.getState(true);
    }
  }

  private void watchState() {
    ConnectivityState state = grpc.getState(true);
    if (state == ConnectivityState.SHUTDOWN) {
      return;
    }
    if (state == ConnectivityState.TRANSIENT_FAILURE) {
      var _ = timer.schedule(grpc::resetConnectBackoff, RETRY_MS, TimeUnit.MILLISECONDS);
    }
    grpc.notifyWhenStateChanged(state, this::watchState);
  }

  @Override
  public void close() {
    timer.shutdownNow();
    grpc.shutdownNow();
    release.run();
  }
}
