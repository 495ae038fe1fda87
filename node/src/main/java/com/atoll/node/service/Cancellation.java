package com.atoll.node.service;

import io.grpc.Context;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** Lets a call that its caller gave up interrupt the thread that still works on it. */
final class Cancellation {
  private Cancellation() {}

  /** Runs the work; the end of the call interrupts it, and nothing that the thread does later. */
  static <T> T ends(Supplier<T> work) {
    Thread worker = Thread.currentThread();
    AtomicBoolean working = new AtomicBoolean(true);
    Context.CancellationListener listener =
        context -> {
          synchronized (working) {
            if (working.get()) {
              worker.interrupt();
            }
          }
        };
    Context call = Context.current();
    call.addListener(listener, Runnable::run);
    try {
      return work.get();
    } finally {
      call.removeListener(listener);
      synchronized (working) {
        working.set(false);
      }
      var _ = Thread.interrupted();
    }
  }
}
