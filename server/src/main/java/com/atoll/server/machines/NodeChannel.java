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
 * A gRPC channel that looks for a node that is away every 100 ms; gRPC's own back-off grows to two
 * minutes.
 */
final class NodeChannel implements AutoCloseable {
  private static final int LARGEST_MESSAGE = 32 << 20;
  private static final long RETRY_MS = 100;

  private final ManagedChannel grpc;
  private final Runnable release;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("node-reconnect").factory());

  private NodeChannel(ManagedChannel grpc, Runnable release) {
    this.grpc = grpc;
    this.release = release;
    var _ =
        timer.scheduleWithFixedDelay(this::reconnect, RETRY_MS, RETRY_MS, TimeUnit.MILLISECONDS);
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

  /** Waits until the node is connected, at most so long; answers whether it is. */
  boolean awaitReady(Duration limit) {
    ConnectivityState state = grpc.getState(true);
    if (state == ConnectivityState.READY) {
      return true;
    }
    long end = System.nanoTime() + limit.toNanos();
    while (state != ConnectivityState.READY && state != ConnectivityState.SHUTDOWN) {
      CountDownLatch changed = new CountDownLatch(1);
      grpc.notifyWhenStateChanged(state, changed::countDown);
      try {
        if (!changed.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          return false;
        }
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        return false;
      }
      state = grpc.getState(true);
    }
    return state == ConnectivityState.READY;
  }

  /** A lost connection is asked for again at once: gRPC itself waits for the next call. */
  private void reconnect() {
    // A channel that failed once says TRANSIENT_FAILURE until it is connected, through all its
    // attempts, so that the end of an attempt cannot be waited for.
    if (grpc.getState(true) == ConnectivityState.TRANSIENT_FAILURE) {
      grpc.resetConnectBackoff();
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    grpc.shutdownNow();
    release.run();
  }
}
