package com.atoll.node.backup;

import com.atoll.node.v1.HoldReply;
import com.atoll.node.v1.HoldRequest;
import com.atoll.node.v1.NodeGrpc;
import com.atoll.platform.Installation;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The running node keeps what it has for this backup, until this is closed or this process ends.
 */
final class NodeHold implements AutoCloseable {
  /** Warns of an option that Unix sockets do not have. */
  private static final Logger NETTY = Logger.getLogger("io.netty.bootstrap");

  private static final long PATIENCE_SECONDS = 120;

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final ManagedChannel channel;
  private final StreamObserver<HoldRequest> steps;
  private final BlockingQueue<Reply> replies = new LinkedBlockingQueue<>();
  private volatile @Nullable String lost;

  private record Reply(@Nullable HoldReply done, @Nullable String problem) {}

  NodeHold(Installation installation) {
    NETTY.setLevel(Level.SEVERE);
    channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(installation.nodeSocket().toFile()))
            .eventLoopGroup(loops)
            .channelType(EpollDomainSocketChannel.class)
            .overrideAuthority("node")
            .usePlaintext()
            .build();
    steps = NodeGrpc.newStub(channel).hold(new Listener());
  }

  private final class Listener implements StreamObserver<HoldReply> {
    @Override
    public void onNext(HoldReply done) {
      replies.add(new Reply(done, null));
    }

    @Override
    public void onError(Throwable problem) {
      lose(String.valueOf(Status.fromThrowable(problem).getDescription()));
    }

    @Override
    public void onCompleted() {
      lose("it ended");
    }

    private void lose(String why) {
      lost = why;
      replies.add(new Reply(null, why));
    }
  }

  /** Has the node do a step; answers the name of the folders. */
  String step(HoldRequest.Step step) throws IOException {
    steps.onNext(HoldRequest.newBuilder().setStep(step).build());
    Reply reply;
    try {
      reply = replies.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    if (reply == null) {
      throw new IOException("the node does not answer");
    }
    HoldReply done = reply.done();
    if (done == null) {
      throw new IOException("the node cannot keep its files: " + reply.problem());
    }
    return done.getName();
  }

  /** Fails when the node does not keep anything for us any more. */
  void check() throws IOException {
    if (lost != null) {
      throw new IOException("the node ended or was restarted meanwhile: " + lost);
    }
  }

  @Override
  public void close() {
    if (lost == null) {
      steps.onCompleted();
    }
    try {
      // Its completion says that nothing is kept any more.
      var _ = lost == null ? replies.poll(10, TimeUnit.SECONDS) : null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    channel.shutdownNow();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
