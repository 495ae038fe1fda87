package com.atoll.server.egress;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does the same work for one id after another; many wishes for one id are one piece of work. */
final class Pushes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Pushes.class);

  private final Consumer<String> work;
  private final SequencedSet<String> waiting = new LinkedHashSet<>();
  private final Thread worker = Thread.ofVirtual().name("guards").unstarted(this::run);
  private boolean busy;

  Pushes(Consumer<String> work) {
    this.work = work;
  }

  /** Begins, once. */
  synchronized void start() {
    if (worker.getState() == Thread.State.NEW) {
      worker.start();
    }
  }

  synchronized void add(String id) {
    waiting.add(id);
    notifyAll();
  }

  /** Waits until everything that was added is done; false when the time is up before. */
  synchronized boolean awaitIdle(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (busy || !waiting.isEmpty()) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  private synchronized String next() throws InterruptedException {
    busy = false;
    notifyAll();
    while (waiting.isEmpty()) {
      wait();
    }
    busy = true;
    return waiting.removeFirst();
  }

  private void run() {
    try {
      while (true) {
        String id = next();
        try {
          work.accept(id);
        } catch (RuntimeException failed) {
          LOG.warn("The guard of {} was not set.", id, failed);
        }
      }
    } catch (InterruptedException closed) {
      LOG.debug("No more guards are set.");
    }
  }

  @Override
  public void close() {
    worker.interrupt();
  }
}
