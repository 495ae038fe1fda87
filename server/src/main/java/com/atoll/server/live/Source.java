package com.atoll.server.live;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.machines.NodeStream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream out of a machine, followed for as long as somebody wants it: opened again when it breaks
 * off and when the sandbox runs again.
 */
final class Source {
  private static final Logger LOG = LoggerFactory.getLogger(Source.class);
  private static final int LONGEST_LINE = 64 << 10;
  private static final long SOON = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long LATER = TimeUnit.SECONDS.toNanos(10);

  /** How long nothing is tried where it takes another start of the machine, which is told. */
  private static final long MUCH_LATER = TimeUnit.SECONDS.toNanos(60);

  private final String name;
  private final BooleanSupplier runs;
  private final Supplier<NodeStream> opener;
  private final Sink sink;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable NodeStream open;
  private int wanted;
  private boolean working;

  /** Rises when it is wanted that nobody wanted before; and the last one for which it was tried. */
  private long turn;

  private long tried;
  private boolean poked;

  /** Takes the lines. */
  interface Sink {
    /** Takes one. */
    void take(String line) throws InterruptedException;
  }

  /**
   * A stream that is opened so.
   *
   * @param runs whether the sandbox runs, so that it makes sense
   */
  Source(String name, BooleanSupplier runs, Supplier<NodeStream> opener, Sink sink) {
    this.name = name;
    this.runs = runs;
    this.opener = opener;
    this.sink = sink;
  }

  void want() {
    lock.lock();
    try {
      if (wanted++ == 0) {
        turn++;
        poked = true;
        changed.signalAll();
      }
      if (!working) {
        working = true;
        Thread.ofVirtual().name(name).start(this::work);
      }
    } finally {
      lock.unlock();
    }
  }

  void leave() {
    lock.lock();
    try {
      wanted--;
      if (wanted == 0) {
        close();
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The sandbox has changed: it may run again. */
  void poke() {
    lock.lock();
    try {
      poked = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until it is open, or could not be opened. */
  void awaitTried(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (tried != turn && wanted > 0 && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private void close() {
    NodeStream stream = open;
    if (stream != null) {
      stream.close();
    }
  }

  private void work() {
    long pause = SOON;
    try {
      for (long now = begin(); now > 0; now = begin()) {
        long began = System.nanoTime();
        long least = runs.getAsBoolean() ? follow(now) : MUCH_LATER;
        pause = System.nanoTime() - began > TimeUnit.SECONDS.toNanos(1) ? SOON : 2 * pause;
        pause = Math.min(pause, LATER);
        rest(now, Math.max(pause, least));
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** The turn that is served now; 0 when nobody wants it any more. */
  private long begin() {
    lock.lock();
    try {
      poked = false;
      working = wanted > 0;
      return working ? turn : 0;
    } finally {
      lock.unlock();
    }
  }

  /** Takes what comes, until it ends; answers for how long at least there is no sense in more. */
  private long follow(long now) throws InterruptedException {
    try (NodeStream stream = opener.get()) {
      if (!opened(now, stream)) {
        return 0;
      }
      Optional<String> line = stream.readLine(LONGEST_LINE);
      while (line.isPresent()) {
        sink.take(line.get());
        line = stream.readLine(LONGEST_LINE);
      }
      return 0;
    } catch (AtollException refused) {
      LOG.debug("{} cannot be followed now: {}", name, refused.getMessage());
      return refused.code() == ErrorCode.NOT_IMPLEMENTED ? MUCH_LATER : 0;
    } catch (IOException ended) {
      LOG.debug("{} ended: {}", name, ended.getMessage());
      return 0;
    } catch (RuntimeException failed) {
      LOG.warn("{} cannot be followed", name, failed);
      return LATER;
    } finally {
      lock.lock();
      try {
        open = null;
      } finally {
        lock.unlock();
      }
    }
  }

  private boolean opened(long now, NodeStream stream) {
    lock.lock();
    try {
      open = stream;
      tried = now;
      changed.signalAll();
      return wanted > 0 && now == turn;
    } finally {
      lock.unlock();
    }
  }

  private void rest(long now, long nanos) throws InterruptedException {
    lock.lock();
    try {
      tried = now;
      changed.signalAll();
      long left = nanos;
      while (wanted > 0 && !poked && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }
}
