package com.atoll.server.code;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** One cell at a time in each context; the others wait in line. */
final class Turns {
  private static final class Line {
    private final Semaphore turn = new Semaphore(1, true);
    private int waiting;
  }

  /** A turn, until it is closed. */
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  private final ConcurrentMap<String, Line> lines = new ConcurrentHashMap<>();

  /** Waits for the turn at this context, but not longer than this. */
  Turn take(String context, long timeoutMs) {
    Line line =
        lines.compute(
            context,
            (key, known) -> {
              Line used = known == null ? new Line() : known;
              used.waiting++;
              return used;
            });
    boolean taken = false;
    try {
      taken = line.turn.tryAcquire(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    if (!taken) {
      leave(context);
      throw AtollException.withMessage(
              ErrorCode.RESOURCE_STATE, "The context is still busy with another cell.")
          .retryAfter(1);
    }
    return () -> {
      line.turn.release();
      leave(context);
    };
  }

  private void leave(String context) {
    lines.computeIfPresent(context, (key, line) -> --line.waiting == 0 ? null : line);
  }
}
