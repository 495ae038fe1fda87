package com.atoll.server;

import com.atoll.model.AtollException;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes what is no longer needed, every few minutes. */
final class Maintenance implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Maintenance.class);
  private static final long MINUTES = 10;

  private final List<Runnable> sweeps;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("maintenance").factory());

  Maintenance(List<Runnable> sweeps) {
    this.sweeps = List.copyOf(sweeps);
  }

  void start() {
    var _ = clock.scheduleWithFixedDelay(this::sweep, 1, MINUTES, TimeUnit.MINUTES);
  }

  private void sweep() {
    for (Runnable sweep : sweeps) {
      try {
        sweep.run();
      } catch (AtollException away) {
        log.debug("a sweep waits: {}", away.getMessage());
      } catch (RuntimeException e) {
        log.warn("a sweep failed", e);
      }
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
