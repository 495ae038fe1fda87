package com.atoll.server.webhooks;

import com.atoll.model.AtollException;
import com.atoll.server.outbound.Answer;
import com.atoll.server.outbound.Outbound;
import com.atoll.server.store.Store;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what is due for one webhook, until nothing is. Each webhook has its own, with room for a
 * few attempts at a time, so that a slow receiver keeps nobody waiting but itself.
 */
final class Lane {
  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);
  private static final int ROOM = 32;

  /** While the last attempts failed. */
  private static final int NARROW = 2;

  private final String webhook;
  private final Store store;
  private final Secrets secrets;
  private final Outbound sender;
  private final Recorder recorder;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int running;
  private boolean woken = true;
  private boolean more;
  private boolean failing;
  private boolean closed;
  private boolean ended;

  private record Claim(Outgoing outgoing, List<Delivery> deliveries) {}

  Lane(String webhook, Store store, Secrets secrets, Outbound sender, Recorder recorder) {
    this.webhook = webhook;
    this.store = store;
    this.secrets = secrets;
    this.sender = sender;
    this.recorder = recorder;
  }

  /** Says that something may be due; false when the lane has ended already. */
  boolean wake() {
    lock.lock();
    try {
      woken = true;
      changed.signal();
      return !ended;
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Works until nothing is due. */
  void run() {
    try {
      for (int room = room(); room > 0; room = room()) {
        Claim claim = claim(room);
        if (claim != null) {
          mayHaveMore(claim.outgoing().webhook().ordered() || claim.deliveries().size() == room);
          claim.deliveries().forEach(delivery -> begin(claim.outgoing(), delivery));
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void mayHaveMore(boolean is) {
    lock.lock();
    try {
      more = is;
    } finally {
      lock.unlock();
    }
  }

  /** How many more attempts may begin; waits for room and for work. 0 at the end. */
  private int room() throws InterruptedException {
    lock.lock();
    try {
      while (!closed) {
        int most = failing ? NARROW : ROOM;
        if (woken && running <= most / 2) {
          woken = false;
          more = false;
          return most - running;
        }
        if (!woken && running == 0) {
          break;
        }
        changed.await();
      }
      ended = true;
      return 0;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Claim claim(int room) {
    try {
      Claim claim =
          store.findSystem(tx -> {
            Webhook found = WebhookTable.find(tx, webhook).orElse(null);
            if (found == null || !found.active()) {
              return null;
            }
            List<Delivery> due =
                found.ordered()
                    ? DeliveryTable.claimFirst(tx, webhook)
                    : DeliveryTable.claim(tx, webhook, room);
            if (due.isEmpty()) {
              return null;
            }
            var of = tx.within(found.org());
            return new Claim(
                new Outgoing(
                    found, secrets.headers(of, found), secrets.signing(of, found, Instant.now())),
                due);
          });
      if (claim != null) {
        CrashPoint.AFTER_CLAIM.reach();
      }
      return claim;
    } catch (AtollException away) {
      LOG.debug("Deliveries of {} wait for the database.", webhook, away);
    } catch (RuntimeException e) {
      LOG.warn("Deliveries of {} could not be taken.", webhook, e);
    }
    return null;
  }

  private void begin(Outgoing outgoing, Delivery delivery) {
    lock.lock();
    try {
      running++;
    } finally {
      lock.unlock();
    }
    Thread.ofVirtual().name("webhook-" + delivery.id()).start(() -> attempt(outgoing, delivery));
  }

  private void attempt(Outgoing outgoing, Delivery delivery) {
    boolean well = false;
    try {
      Answer answer = outgoing.send(sender, delivery);
      CrashPoint.AFTER_SEND.reach();
      well = answer.succeeded();
      Ending ending = Ending.of(delivery, answer, Instant.now(), ThreadLocalRandom.current());
      var _ = recorder.record(ending);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.warn("Delivery {} failed in an unexpected way.", delivery.id(), e);
    } finally {
      ended(well);
    }
  }

  private void ended(boolean well) {
    lock.lock();
    try {
      running--;
      failing = !well;
      woken |= more;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }
}
