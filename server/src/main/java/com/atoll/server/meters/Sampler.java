package com.atoll.server.meters;

import com.atoll.model.AtollException;
import com.atoll.node.v1.Measurement;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at every sandbox that runs, one after the other: each 15 seconds, more seldom when they are
 * so many that looking would cost too much.
 */
final class Sampler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sampler.class);
  private static final long ROUND_MS = Window.HOUR.stepSeconds() * 1000L;
  private static final long BETWEEN_MS = 50;
  private static final Duration SWEEP = Duration.ofHours(1);

  private final Sandboxes sandboxes;
  private final NodeClient node;
  private final Store store;
  private final MeterStore meters;
  private final CountDownLatch closed = new CountDownLatch(1);
  private Instant swept = Instant.EPOCH;

  Sampler(Sandboxes sandboxes, NodeClient node, Store store, MeterStore meters) {
    this.sandboxes = sandboxes;
    this.node = node;
    this.store = store;
    this.meters = meters;
  }

  void start() {
    Thread.ofVirtual().name("sandboxes-sampler").start(this::work);
  }

  private void work() {
    try {
      while (!closed.await(untilNextRound(), TimeUnit.MILLISECONDS)) {
        for (Sandbox sandbox : sandboxes.running()) {
          look(sandbox);
          if (closed.await(BETWEEN_MS, TimeUnit.MILLISECONDS)) {
            return;
          }
        }
        sweep();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** Rounds begin where slots do, so that each has its point. */
  private static long untilNextRound() {
    return ROUND_MS - System.currentTimeMillis() % ROUND_MS;
  }

  private void look(Sandbox sandbox) {
    try {
      Optional<Measurement> measured = measure(sandbox);
      if (measured.isPresent()) {
        Instant at = Instant.ofEpochMilli(measured.get().getAtUnixMs());
        store.executeSystem(tx -> {
          meters.count(tx, sandbox, measured.get());
          meters.keep(tx, sandbox.id(), at);
        });
      }
    } catch (RuntimeException failed) {
      LOG.debug("Sandbox {} was not measured; the next round does.", sandbox.id(), failed);
    }
  }

  /** Measures a sandbox now and adds it to its totals; nothing when its machine cannot say. */
  Optional<Measurement> count(Sandbox sandbox) {
    Optional<Measurement> measured = measure(sandbox);
    measured.ifPresent(found -> store.executeSystem(tx -> meters.count(tx, sandbox, found)));
    return measured;
  }

  /** A sandbox is about to lose its machine, or has: the last look at its counters. */
  void last(Sandbox sandbox) {
    try {
      measure(sandbox)
          .ifPresent(found ->
              store.executeSystem(tx -> {
                meters.count(tx, sandbox, found);
                meters.due(tx, sandbox);
              }));
    } catch (RuntimeException failed) {
      LOG.debug("The last use of {} was not written down.", sandbox.id(), failed);
    }
  }

  private Optional<Measurement> measure(Sandbox sandbox) {
    try {
      return Optional.of(
          node.workloads().measure(WorkloadRef.newBuilder().setId(sandbox.id()).build()));
    } catch (AtollException away) {
      LOG.debug("Sandbox {} could not be measured: {}", sandbox.id(), away.getMessage());
      return Optional.empty();
    }
  }

  private void sweep() {
    Instant now = Instant.now();
    if (Duration.between(swept, now).compareTo(SWEEP) > 0) {
      try {
        store.executeSystem(tx -> meters.sweep(tx, now));
        swept = now;
      } catch (RuntimeException away) {
        LOG.debug("Old measurements were not deleted.", away);
      }
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
