package com.atoll.server.machines;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Connections to a node's call socket, kept for the next call. */
final class NodeLines implements AutoCloseable {
  /** Calls beyond these go over gRPC: each line costs the node a thread. */
  private static final int MOST = 64;

  private static final long LOOK_MS = 250;

  private final Path path;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<NodeLine> idle = new ArrayDeque<>();
  private final Set<NodeLine> busy = ConcurrentHashMap.newKeySet();
  private int open;
  private boolean closed;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("node-lines").factory());

  NodeLines(Path path) {
    this.path = path;
    var _ = timer.scheduleWithFixedDelay(this::look, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
  }

  /** A line for one call; nothing when the node answers none, or all are in use. */
  @Nullable NodeLine take(Duration deadline) {
    NodeLine line = kept();
    if (line == null) {
      line = connect();
    }
    if (line != null) {
      line.until(System.nanoTime() + deadline.toNanos());
      busy.add(line);
    }
    return line;
  }

  private @Nullable NodeLine kept() {
    lock.lock();
    try {
      return idle.poll();
    } finally {
      lock.unlock();
    }
  }

  private @Nullable NodeLine connect() {
    lock.lock();
    try {
      if (closed || open == MOST) {
        return null;
      }
      open++;
    } finally {
      lock.unlock();
    }
    try {
      return NodeLine.connect(path, this);
    } catch (IOException away) {
      gone();
      return null;
    }
  }

  private void gone() {
    lock.lock();
    try {
      open--;
    } finally {
      lock.unlock();
    }
  }

  /** Takes a line back after its call. */
  void give(NodeLine line) {
    busy.remove(line);
    lock.lock();
    try {
      if (!closed && !line.isBroken()) {
        idle.push(line);
        return;
      }
      open--;
      // The others led to the same node, which has ended; those that did not are made again.
      open -= idle.size();
      idle.forEach(NodeLine::drop);
      idle.clear();
    } finally {
      lock.unlock();
    }
    line.drop();
  }

  private void look() {
    long now = System.nanoTime();
    busy.forEach(line -> line.check(now));
  }

  @Override
  public void close() {
    timer.shutdownNow();
    lock.lock();
    try {
      closed = true;
      idle.forEach(NodeLine::drop);
      idle.clear();
    } finally {
      lock.unlock();
    }
    busy.forEach(NodeLine::drop);
  }
}
