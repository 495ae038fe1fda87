package com.atoll.server.machines;

import com.atoll.node.v1.ArchiveProgress;
import com.atoll.node.v1.NodeEvent;
import com.atoll.node.v1.NodeGrpc;
import com.atoll.node.v1.WatchRequest;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Iterator;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes the calls of {@code node.proto}: with a deadline, and over a restart of the node. */
final class NodeCalls {
  static final Duration QUICK = Duration.ofSeconds(10);
  static final Duration START = Duration.ofSeconds(45);
  static final Duration SLOW = Duration.ofSeconds(50);
  static final Duration LONG = Duration.ofMinutes(5);

  /** How long an answer may come after the time-out of the command itself. */
  static final Duration GRACE = Duration.ofSeconds(10);

  /** A supervised restart takes two or three seconds, more on a busy machine. */
  private static final Duration RECONNECT = Duration.ofSeconds(5);

  private final NodeChannel channel;
  private final NodeLines lines;
  private final NodeGrpc.NodeBlockingStub stub;

  NodeCalls(NodeChannel channel, NodeLines lines) {
    this.channel = channel;
    this.lines = lines;
    this.stub = NodeGrpc.newBlockingStub(channel.grpc());
  }

  /**
   * Waits for a node that restarts rather than fail, but only before the request is sent, so that
   * nothing is done twice. The connection seen may be that of a node that has ended since: what
   * could not be written to it is sent over the next one.
   */
  <T> T call(Duration deadline, Function<NodeGrpc.NodeBlockingStub, T> call) {
    long end = System.nanoTime() + RECONNECT.toNanos();
    @Nullable NodeLine line = lines.take(deadline);
    do {
      try (NodeWay way = line == null ? overGrpc(deadline, end) : line) {
        try {
          return call.apply(way.stub());
        } catch (StatusRuntimeException refused) {
          if (way.answered() || refused.getStatus().getCode() != Status.Code.UNAVAILABLE) {
            throw NodeErrors.translate(refused);
          }
        }
        if (way.sent()) {
          throw NodeErrors.restarting();
        }
        // A line that was kept may lead to a node that has ended; gRPC knows when there is another.
        line = null;
      }
    } while (System.nanoTime() - end < 0);
    throw NodeErrors.restarting();
  }

  private NodeWay overGrpc(Duration deadline, long end) {
    if (!channel.awaitReady(Duration.ofNanos(end - System.nanoTime()))) {
      throw NodeErrors.restarting();
    }
    return new CallProgress(stub, deadline);
  }

  /** Work that tells how far it is; what {@code progress} throws calls it off. */
  ArchiveProgress follow(
      Function<NodeGrpc.NodeBlockingStub, Iterator<ArchiveProgress>> call,
      Consumer<ArchiveProgress> progress) {
    if (!channel.awaitReady(RECONNECT)) {
      throw NodeErrors.restarting();
    }
    Context.CancellableContext work = Context.current().withCancellation();
    Context before = work.attach();
    try {
      Iterator<ArchiveProgress> messages = call.apply(stub);
      while (messages.hasNext()) {
        ArchiveProgress message = messages.next();
        if (message.getFinished()) {
          return message;
        }
        progress.accept(message);
      }
      throw NodeErrors.restarting();
    } catch (StatusRuntimeException refused) {
      throw NodeErrors.translate(refused);
    } finally {
      work.detachAndCancel(before, null);
    }
  }

  /** Events of the node from now on, until the connection ends; iterating may throw. */
  Iterator<NodeEvent> watch() {
    if (!channel.awaitReady(RECONNECT)) {
      throw NodeErrors.restarting();
    }
    return stub.watch(WatchRequest.getDefaultInstance());
  }
}
