package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds how many bytes of request bodies are held in memory at once, so that many large requests
 * wait for each other instead of exhausting the heap.
 */
final class BodyBudget {
  private static final int UNIT = 1024;
  private static final int LEAST = 64 << 20;
  private static final long PATIENCE_SECONDS = 20;

  private final int units;
  private final Semaphore free;

  BodyBudget(long heap) {
    units = (int) (Math.max(LEAST, heap / 8) / UNIT);
    free = new Semaphore(units);
  }

  /** A part of the budget, held until closed. */
  final class Share implements AutoCloseable {
    private int held;

    private Share(int held) {
      this.held = held;
    }

    /** Gives back what a body did not need. */
    void shrinkTo(long bytes) {
      int needed = Math.min(held, units(bytes));
      free.release(held - needed);
      held = needed;
    }

    @Override
    public void close() {
      free.release(held);
      held = 0;
    }
  }

  /** Waits for a share of so many bytes. */
  Share take(long bytes) throws InterruptedException {
    int wanted = units(bytes);
    if (!free.tryAcquire(wanted, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw AtollException.of(ErrorCode.NO_CAPACITY, "too many large requests at once");
    }
    return new Share(wanted);
  }

  private int units(long bytes) {
    return (int) Math.min(units, bytes / UNIT + 1);
  }
}
