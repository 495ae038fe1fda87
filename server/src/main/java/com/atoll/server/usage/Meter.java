package com.atoll.server.usage;

import com.atoll.model.AtollException;
import com.atoll.model.OrganizationId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has use written down every 15 seconds, and whenever somebody wants to read it. */
final class Meter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Meter.class);

  /** Between two rounds; the holds of running work last longer. */
  static final long ROUND_MS = 15_000;

  private static final long EVERYTHING_EACH = 40;
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Settler settler;
  private final List<Consumer<OrganizationId>> after = new CopyOnWriteArrayList<>();
  private final Map<OrganizationId, Long> read = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  Meter(Settler settler) {
    this.settler = settler;
  }

  void afterSettled(Consumer<OrganizationId> action) {
    after.add(action);
  }

  void start() {
    Thread.ofVirtual().name("usage-meter").start(this::work);
  }

  private void work() {
    try {
      for (long round = 0; !closed.await(ROUND_MS, TimeUnit.MILLISECONDS); round++) {
        round(round % EVERYTHING_EACH == 0);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void round(boolean all) {
    try {
      read.clear();
      for (OrganizationId org : settler.organizations(all)) {
        if (closed.getCount() == 0) {
          return;
        }
        settle(org, all);
      }
    } catch (AtollException away) {
      LOG.debug("Use is written down later: {}", away.getMessage());
    } catch (RuntimeException failed) {
      LOG.warn("Use was not written down; the next round does.", failed);
    }
  }

  /** Writes down what ran until now, and what merely lies there unless that was done just now. */
  void settleForReader(OrganizationId org) {
    long now = System.nanoTime();
    Long last = read.get(org);
    boolean all = last == null || now - last > FRESH_NANOS;
    settle(org, all);
    if (all) {
      read.put(org, now);
    }
  }

  void settle(OrganizationId org, boolean all) {
    settler.settle(org, all);
    after.forEach(action -> action.accept(org));
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
