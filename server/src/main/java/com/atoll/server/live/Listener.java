package com.atoll.server.live;

import com.atoll.server.events.Live;
import com.atoll.server.http.EventStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One client that listens to a sandbox. What it does not take in time is dropped and counted. */
final class Listener implements Live {
  private static final int MOST_BYTES = 256 << 10;

  private final String sandboxId;
  private final String org;
  private final Set<String> types;
  private final Consumer<Listener> leave;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private int held;
  private long dropped;
  private boolean closed;

  private record Waiting(Frame frame, long dropped) {}

  /**
   * A client of a sandbox.
   *
   * @param types the only ones that it gets
   * @param leave what is to be done once when it goes
   */
  Listener(String sandboxId, String org, Set<String> types, Consumer<Listener> leave) {
    this.sandboxId = sandboxId;
    this.org = org;
    this.types = types;
    this.leave = leave;
  }

  Set<String> types() {
    return types;
  }

  /** Takes a frame when there is room for it; what the client does not want is taken, too. */
  boolean offer(Frame frame) {
    lock.lock();
    try {
      if (frame.type().isEmpty()) {
        dropped += frame.lost();
        return true;
      }
      if (closed || !types.contains(frame.type())) {
        return true;
      }
      if (held + frame.bytes() > (frame.isStep() ? 2 * MOST_BYTES : MOST_BYTES)) {
        return false;
      }
      waiting.add(new Waiting(frame, dropped));
      dropped = 0;
      held += frame.bytes();
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Waits a little for room. */
  void awaitRoom(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (!closed && held > MOST_BYTES / 2 && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Counts one that there was no room for. */
  void drop() {
    lock.lock();
    try {
      dropped++;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void sendTo(EventStream stream) throws InterruptedException {
    for (Waiting next = next(); next != null; next = next()) {
      Frame frame = next.frame();
      stream.send(frame.type(), frame.data(sandboxId, org, next.dropped()));
    }
  }

  private @Nullable Waiting next() throws InterruptedException {
    lock.lock();
    try {
      while (!closed && waiting.isEmpty()) {
        changed.await();
      }
      Waiting next = closed ? null : waiting.poll();
      if (next != null) {
        held -= next.frame().bytes();
        changed.signalAll();
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    leave.accept(this);
  }
}
