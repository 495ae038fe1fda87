package com.atoll.node.workloads;

import com.atoll.node.images.Image;
import com.atoll.node.images.ImageException;
import com.atoll.node.images.ImageState;
import com.atoll.node.network.Slot;
import com.atoll.node.runtime.Machine;
import com.atoll.node.trees.Tree;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Machines started ahead of their claim, per template. Two fillers work in the background and stand
 * back while claims are being answered. A machine that left the pool never returns to it.
 */
final class WarmPool implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(WarmPool.class.getName());
  private static final int FILLERS = 2;
  private static final long STAND_BACK_MS = 300;

  /** After a claim its first command has the machine for itself, while others are ready. */
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(60);

  private static final long AFTER_FAILURE_MS = 5_000;

  /** A template that is built on demand has this many ready for so long after the last claim. */
  private static final int ON_DEMAND = 2;

  private static final long DEMAND_MS = TimeUnit.MINUTES.toMillis(10);
  private static final long LOOK_MS = 15_000;

  /** A machine that nobody has claimed. */
  record Ready(Machine machine, Tree tree, Image image) {}

  private final Host host;
  private final Starter starter;
  private final int target;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, ArrayDeque<Ready>> ready = new HashMap<>();
  private final Map<String, Integer> making = new HashMap<>();
  private final Map<String, Long> notBefore = new HashMap<>();

  /** When a machine of a template was last asked for: those built on demand are kept for that. */
  private final Map<String, Long> askedAt = new HashMap<>();

  private int claiming;
  private long quietUntil = System.nanoTime();
  private boolean closed;

  WarmPool(Host host, Starter starter, int target) {
    this.host = host;
    this.starter = starter;
    this.target = target;
    host.images().listen(changedImage -> wake());
  }

  /** Starts filling. */
  void open() {
    for (int i = 0; i < FILLERS; i++) {
      Thread.ofVirtual().name("warm-pool-" + i).start(this::fill);
    }
  }

  /** A ready machine of the template's current image. */
  Optional<Ready> take(String templateId) {
    lock.lock();
    try {
      askedAt.put(templateId, host.now());
      ArrayDeque<Ready> waiting = ready.get(templateId);
      return waiting == null ? Optional.empty() : Optional.ofNullable(waiting.poll());
    } finally {
      lock.unlock();
    }
  }

  /** Images that ready machines stand on. */
  Set<String> images() {
    lock.lock();
    try {
      Set<String> used = new HashSet<>();
      ready.values().forEach(all -> all.forEach(one -> used.add(one.image().digest())));
      return used;
    } finally {
      lock.unlock();
    }
  }

  /** Fillers stand back between this and {@link #claimEnded}. */
  void claimBegins() {
    lock.lock();
    try {
      claiming++;
    } finally {
      lock.unlock();
    }
  }

  /** See {@link #claimBegins}. */
  void claimEnded() {
    lock.lock();
    try {
      claiming--;
      quietUntil = System.nanoTime() + QUIET_NANOS;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** How many are ready. */
  int ready(String templateId) {
    lock.lock();
    try {
      ArrayDeque<Ready> waiting = ready.get(templateId);
      return waiting == null ? 0 : waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /** Forgets a machine whose process 1 ended; the answer says whether it was one of the pool. */
  boolean died(String machine) {
    @Nullable Ready dead = null;
    lock.lock();
    try {
      for (ArrayDeque<Ready> waiting : ready.values()) {
        for (Ready candidate : waiting) {
          if (candidate.machine().id().equals(machine)) {
            dead = candidate;
          }
        }
        if (dead != null) {
          waiting.remove(dead);
          break;
        }
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (dead != null) {
      discard(dead);
    }
    return dead != null;
  }

  /** Ends a machine and its tree. */
  void discard(Ready unwanted) {
    starter.end(unwanted.machine().id(), unwanted.machine().slot().index());
    host.trees().drop(unwanted.tree().id());
  }

  /** Stops filling; what is ready is left to the next start's sweep. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void fill() {
    while (true) {
      Optional<String> next;
      try {
        next = awaitWork();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      if (next.isEmpty()) {
        return;
      }
      String templateId = next.get();
      @Nullable Ready made = null;
      try {
        made = make(templateId);
      } catch (RuntimeException e) {
        LOG.log(Level.WARNING, e, () -> "no warm machine of " + templateId);
      }
      added(templateId, made);
    }
  }

  private void added(String templateId, @Nullable Ready made) {
    lock.lock();
    try {
      making.merge(templateId, -1, Integer::sum);
      if (made == null) {
        notBefore.put(templateId, host.now() + AFTER_FAILURE_MS);
      } else if (!closed) {
        ready.computeIfAbsent(templateId, key -> new ArrayDeque<>()).add(made);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private Optional<String> awaitWork() throws InterruptedException {
    lock.lock();
    try {
      while (!closed) {
        discardSurplus();
        Set<String> wanted = wanted();
        if (!wanted.isEmpty()) {
          String next = wanted.iterator().next();
          making.merge(next, 1, Integer::sum);
          long left = TimeUnit.MILLISECONDS.toNanos(STAND_BACK_MS);
          while (left > 0 && !closed) {
            long quiet = waiting(next) == 0 ? 0 : quietUntil - System.nanoTime();
            if (claiming == 0 && quiet <= 0) {
              break;
            }
            long wait = claiming > 0 ? left : Math.min(left, quiet);
            left -= wait - changed.awaitNanos(wait);
          }
          return closed ? Optional.empty() : Optional.of(next);
        }
        long wait = notBefore.isEmpty() ? LOOK_MS : AFTER_FAILURE_MS;
        var _ = changed.awaitNanos(TimeUnit.MILLISECONDS.toNanos(wait));
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private int waiting(String templateId) {
    ArrayDeque<Ready> waiting = ready.get(templateId);
    return waiting == null ? 0 : waiting.size();
  }

  private Set<String> wanted() {
    Set<String> wanted = new HashSet<>();
    long now = host.now();
    notBefore.values().removeIf(time -> time <= now);
    for (ImageState image : host.images().list()) {
      String id = image.templateId();
      int have = ready.getOrDefault(id, new ArrayDeque<>()).size() + making.getOrDefault(id, 0);
      if (image.status() == ImageState.Status.ACTIVE
          && have < target(image, now)
          && !notBefore.containsKey(id)) {
        wanted.add(id);
      }
    }
    return wanted;
  }

  private int target(ImageState image, long now) {
    if (!image.onDemand()) {
      return target;
    }
    Long asked = askedAt.get(image.templateId());
    return asked == null || asked < now - DEMAND_MS ? 0 : Math.min(ON_DEMAND, target);
  }

  /** Ends what nobody asks for any more, and what stands on an image that was replaced. */
  private void discardSurplus() {
    Map<String, String> wanted = new HashMap<>();
    for (ImageState image : host.images().list()) {
      if (image.status() == ImageState.Status.ACTIVE && target(image, host.now()) > 0) {
        wanted.put(image.templateId(), image.digest());
      }
    }
    for (Map.Entry<String, ArrayDeque<Ready>> all : ready.entrySet()) {
      String digest = wanted.getOrDefault(all.getKey(), "");
      all.getValue()
          .removeIf(one -> {
            boolean surplus = !one.image().digest().equals(digest);
            if (surplus) {
              Thread.ofVirtual().name("warm-pool-discard").start(() -> discard(one));
            }
            return surplus;
          });
    }
  }

  private Ready make(String templateId) {
    Image image;
    try {
      image = host.images().get(templateId);
    } catch (ImageException e) {
      throw new IllegalStateException(templateId + " is not ready after all", e);
    }
    Shape shape = Shape.ofPool();
    Slot slot = starter.takeSlot();
    Tree tree;
    try {
      tree = starter.newTree(shape, "sandbox", slot);
    } catch (RuntimeException e) {
      host.network().give(slot);
      throw e;
    }
    Machine machine;
    try {
      machine = starter.start(tree, image, slot, shape, "sandbox");
    } catch (RuntimeException e) {
      host.trees().drop(tree.id());
      throw e;
    }
    Ready made = new Ready(machine, tree, image);
    try {
      machine.warm();
      return made;
    } catch (RuntimeException e) {
      discard(made);
      throw e;
    }
  }
}
