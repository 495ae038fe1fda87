package com.atoll.server.commands;

import com.atoll.model.AtollException;
import com.atoll.server.machines.NodeProcesses.Typed;
import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is typed into a terminal on its way to a shell that may be busy: it waits here, in order,
 * and whoever types more than there is room for waits too. So a client who leaves is noticed
 * meanwhile.
 */
final class TypedInput {
  private static final int MOST_WAITING = 1 << 20;
  private static final int MOST_AT_ONCE = 512 << 10;
  private static final Duration AGAIN = Duration.ofMillis(100);

  private final Function<ByteString, Typed> shell;
  private final Consumer<AtollException> away;
  private final Deque<ByteString> waiting = new ArrayDeque<>();
  private final Thread typist;
  private int size;
  private boolean last;
  private boolean over;

  /**
   * Types into a shell.
   *
   * @param shell takes bytes as a whole or not at all
   * @param away is told why nothing can be typed any more, unless the shell has ended
   */
  TypedInput(Function<ByteString, Typed> shell, Consumer<AtollException> away) {
    this.shell = shell;
    this.away = away;
    this.typist = Thread.ofVirtual().name("typist").start(this::run);
  }

  /** Takes what was typed; what comes after the end of the shell is dropped. */
  synchronized void add(ByteString bytes) throws InterruptedException {
    while (size > MOST_WAITING && !over) {
      wait();
    }
    for (int at = 0; at < bytes.size() && !over; at += MOST_AT_ONCE) {
      waiting.add(bytes.substring(at, Math.min(bytes.size(), at + MOST_AT_ONCE)));
    }
    size += bytes.size();
    notifyAll();
  }

  /** Nothing more comes: what waits is typed as far as the shell takes it. */
  void finish() throws InterruptedException {
    synchronized (this) {
      last = true;
      notifyAll();
    }
    typist.join();
  }

  private void run() {
    try {
      ByteString bytes = next();
      while (bytes != null && type(bytes)) {
        bytes = next();
      }
    } catch (AtollException refused) {
      away.accept(refused);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } finally {
      stop();
    }
  }

  private synchronized @Nullable ByteString next() throws InterruptedException {
    while (waiting.isEmpty() && !last) {
      wait();
    }
    ByteString bytes = waiting.poll();
    size -= bytes == null ? 0 : bytes.size();
    notifyAll();
    return bytes;
  }

  /** Whether more can be typed after it. */
  private boolean type(ByteString bytes) throws InterruptedException {
    Typed typed = shell.apply(bytes);
    while (typed == Typed.BLOCKED && awaitNextTry()) {
      typed = shell.apply(bytes);
    }
    return typed == Typed.TAKEN;
  }

  /** False when nobody waits for it any more. */
  @SuppressWarnings("WaitNotInLoop")
  private synchronized boolean awaitNextTry() throws InterruptedException {
    if (!last) {
      wait(AGAIN.toMillis());
    }
    return !last;
  }

  private synchronized void stop() {
    over = true;
    waiting.clear();
    notifyAll();
  }
}
