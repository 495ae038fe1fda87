package com.atoll.server.machines;

import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.NodeGrpc;
import com.atoll.node.v1.PathRequest;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Listens where a node would and refuses every call with what it is told to. */
final class RefusingNode implements AutoCloseable {
  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final Server server;
  private volatile Status status = Status.UNKNOWN;
  private volatile @Nullable String code;

  RefusingNode(Path socket) throws IOException {
    server =
        NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .channelType(EpollServerDomainSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .directExecutor()
            .addService(
                new NodeGrpc.NodeImplBase() {
                  @Override
                  public void stat(PathRequest request, StreamObserver<FileInfo> answer) {
                    answer.onError(refusal());
                  }
                })
            .build()
            .start();
  }

  void refuseWith(Status newStatus, @Nullable String newCode) {
    status = newStatus;
    code = newCode;
  }

  private StatusRuntimeException refusal() {
    Metadata trailers = new Metadata();
    String named = code;
    if (named != null) {
      trailers.put(NodeErrors.CODE, named);
    }
    return status.asRuntimeException(trailers);
  }

  /** Ends as a process does: nothing that is sent later reaches it. */
  @Override
  public void close() {
    server.shutdownNow();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
