package com.atoll.node.linux;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Threads that do one piece of work and end. One waits ahead of its work, so that nobody waits for
 * the making of a thread; the next is made by a thread that never does such work itself, because a
 * new thread is in the namespaces of the one that makes it.
 */
final class SpareThread {
  private static final ExecutorService MAKER =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("namespace-maker").factory());
  private static final AtomicReference<SpareThread> READY = new AtomicReference<>();

  private final SynchronousQueue<FutureTask<?>> handed = new SynchronousQueue<>();

  private SpareThread() {}

  /** Has the task done by a thread of its own. */
  static void run(FutureTask<?> task) {
    SpareThread ready = READY.getAndSet(null);
    if (ready == null || !ready.handed.offer(task)) {
      Thread.ofPlatform().daemon().name("namespace").start(task);
    }
    MAKER.execute(SpareThread::prepare);
  }

  private static void prepare() {
    SpareThread next = new SpareThread();
    if (READY.compareAndSet(null, next)) {
      Thread.ofPlatform().daemon().name("namespace").start(next::work);
    }
  }

  private void work() {
    try {
      handed.take().run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
