package com.atoll.node.service;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** gRPC on a Unix socket that only some users of this machine get through. */
public final class NodeServer implements AutoCloseable {
  private static final int MESSAGE_LIMIT = 4 * 1024 * 1024;

  private final EventLoopGroup boss = group(1);
  private final EventLoopGroup workers = group(2);
  private final Server server;

  /**
   * Listens and answers.
   *
   * @param gid the group that may open the socket
   * @param peers the users that are let in
   */
  public NodeServer(Path socket, int gid, Set<Long> peers, BindableService service)
      throws IOException {
    Files.deleteIfExists(socket);
    Set<Long> allowed = Set.copyOf(peers);
    this.server =
        NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .bossEventLoopGroup(boss)
            .workerEventLoopGroup(workers)
            .channelFactory(() -> listener(allowed))
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .maxInboundMessageSize(MESSAGE_LIMIT)
            .maxInboundMetadataSize(16 * 1024)
            .addService(service)
            .build()
            .start();
    Files.setAttribute(socket, "unix:gid", gid);
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
  }

  /** Lets short calls end, then ends those that wait for events or commands. */
  @Override
  public void close() {
    server.shutdown();
    try {
      if (!server.awaitTermination(300, TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    var _ = boss.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    var _ = workers.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static EventLoopGroup group(int threads) {
    return new MultiThreadIoEventLoopGroup(threads, EpollIoHandler.newFactory());
  }

  private static EpollServerDomainSocketChannel listener(Set<Long> allowed) {
    EpollServerDomainSocketChannel listener = new EpollServerDomainSocketChannel();
    listener.pipeline().addFirst(new PeerCheck(allowed));
    return listener;
  }

  /**
   * Sees each accepted connection first, and drops those whom the kernel names as somebody else.
   */
  private static final class PeerCheck extends ChannelInboundHandlerAdapter {
    private final Set<Long> allowed;

    PeerCheck(Set<Long> allowed) {
      this.allowed = allowed;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws IOException {
      EpollDomainSocketChannel accepted = (EpollDomainSocketChannel) message;
      long uid = Integer.toUnsignedLong(accepted.peerCredentials().uid());
      if (allowed.contains(uid)) {
        context.fireChannelRead(accepted);
      } else {
        accepted.unsafe().closeForcibly();
      }
    }
  }
}
