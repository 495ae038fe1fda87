package com.atoll.node.instances;

import com.atoll.node.runtime.Machine;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Looks at one run of a command again and again: often until it is healthy, then now and then. */
final class Checkup implements AutoCloseable {
  private static final long OFTEN_MS = 100;
  private static final long SELDOM_MS = 5_000;
  private static final int FAILURES_ALLOWED = 3;

  private final Supervisor supervisor;
  private final InstanceRecord.Spec spec;
  private final Probe probe;
  private final CountDownLatch over = new CountDownLatch(1);

  Checkup(Supervisor supervisor, InstanceRecord.Spec spec, Machine machine) {
    this.supervisor = supervisor;
    this.spec = spec;
    this.probe = new Probe(machine, spec.port(), spec.healthPath());
  }

  void start() {
    Thread.ofVirtual().name("checkup").start(this::run);
  }

  @Override
  public void close() {
    over.countDown();
  }

  private void run() {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(spec.healthTimeoutMs());
    int failures = 0;
    boolean good = false;
    try {
      while (!over.await(good ? SELDOM_MS : OFTEN_MS, TimeUnit.MILLISECONDS)) {
        Probe.Outcome outcome = probe.look();
        if (over.getCount() == 0) {
          return;
        }
        if (outcome.good()) {
          failures = 0;
          good = true;
          become(Health.HEALTHY, outcome.loopbackOnly(), "");
        } else if (good && ++failures >= FAILURES_ALLOWED) {
          good = false;
          become(Health.UNHEALTHY, outcome.loopbackOnly(), outcome.problem());
        } else if (!good && System.nanoTime() > deadline) {
          become(Health.UNHEALTHY, outcome.loopbackOnly(), outcome.problem());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void become(Health health, boolean loopbackOnly, String reason) {
    Supervisor.Condition now = supervisor.condition();
    supervisor.become(
        new Supervisor.Condition(health, now.address(), now.incarnation(), reason, loopbackOnly));
  }
}
