package com.atoll.node.service;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.v1.NodeEvent;
import com.atoll.node.v1.NodeGrpc;
import com.atoll.node.v1.WatchRequest;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;

/** Sends events to everyone who watches. A watcher that is too slow is ended: it lists again. */
final class WatchCalls {
  private static final int MOST_WAITING = 50_000;
  private static final int MOST_WATCHERS = 64;

  private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();
  private final Semaphore room = new Semaphore(MOST_WATCHERS);

  /** Answers its calls. */
  void bind(Methods methods) {
    methods.stream(NodeGrpc.getWatchMethod(), this::watch);
  }

  /** Tells every watcher. */
  void tell(NodeEvent event) {
    for (Watcher watcher : watchers) {
      watcher.add(event);
    }
  }

  /** Whether anybody watches. */
  boolean isWatched() {
    return !watchers.isEmpty();
  }

  /** Serves one watcher until it goes away. */
  void watch(WatchRequest request, StreamObserver<NodeEvent> caller) {
    if (!room.tryAcquire()) {
      caller.onError(
          Answer.status(NodeFault.exhausted("TOO_MANY_WATCHERS", "too many watch this node")));
      return;
    }
    Watcher watcher = new Watcher((ServerCallStreamObserver<NodeEvent>) caller);
    watchers.add(watcher);
    Thread.ofVirtual().name("watcher").start(watcher::run);
  }

  private final class Watcher {
    private final ServerCallStreamObserver<NodeEvent> caller;
    private final LinkedBlockingQueue<Optional<NodeEvent>> waiting =
        new LinkedBlockingQueue<>(MOST_WAITING);
    private final Semaphore writable = new Semaphore(0);
    private volatile boolean ended;
    private volatile boolean overflowed;

    Watcher(ServerCallStreamObserver<NodeEvent> caller) {
      this.caller = caller;
      caller.setOnReadyHandler(writable::release);
      caller.setOnCancelHandler(this::end);
    }

    void add(NodeEvent event) {
      if (!waiting.offer(Optional.of(event))) {
        overflowed = true;
        end();
      }
    }

    private void end() {
      ended = true;
      watchers.remove(this);
      waiting.clear();
      var _ = waiting.offer(Optional.empty());
      writable.release();
    }

    private void run() {
      try {
        while (!ended) {
          Optional<NodeEvent> next = waiting.take();
          while (!ended && !caller.isReady()) {
            writable.acquire();
          }
          if (next.isPresent() && !ended) {
            caller.onNext(next.get());
          }
        }
        if (overflowed) {
          caller.onError(
              Answer.status(NodeFault.unavailable("TOO_SLOW", "the watcher fell behind")));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException gone) {
        ended = true; // The caller cancelled between the look and the write.
      } finally {
        watchers.remove(this);
        room.release();
      }
    }
  }
}
