package com.atoll.node.workloads;

import com.atoll.node.images.Image;
import com.atoll.node.images.ImageException;
import com.atoll.node.images.ImageState;
import com.atoll.node.runtime.Isolation;
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
 * Machines started ahead of their claim, per template and isolation. Two fillers work in the
 * background and stand back while claims are being answered. A machine that left the pool never
 * returns to it.
 */
final class WarmPool implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(WarmPool.class.getName());
  private static final int FILLERS = 2;
  private static final long STAND_BACK_MS = 300;

  /** While at least half of what is wanted is ready, claims that follow each other go first. */
  private static final long STAND_FAR_BACK_MS = 3_000;

  /** A pool leaves this much memory for each that waits, where more than a few do. */
  private static final int ROOM_MB = 64;

  private static final int FEW = 8;

  private static final long AFTER_FAILURE_MS = 5_000;

  /** A template that is built on demand has this many ready for so long after the last claim. */
  private static final int ON_DEMAND = 2;

  private static final long DEMAND_MS = TimeUnit.MINUTES.toMillis(10);
  private static final long LOOK_MS = 15_000;

  /** Machines that can stand in for each other. */
  private record Kind(String templateId, Isolation isolation) {}

  /** A machine that nobody has claimed. */
  record Ready(Machine machine, Tree tree, Image image) {}

  private final Host host;
  private final Starter starter;
  private final Claims claims;
  private final int target;
  private final int most;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Kind, ArrayDeque<Ready>> ready = new HashMap<>();
  private final Map<Kind, Integer> making = new HashMap<>();
  private final Map<Kind, Long> notBefore = new HashMap<>();

  /** When a machine of a template was last asked for: those built on demand are kept for that. */
  private final Map<Kind, Long> askedAt = new HashMap<>();

  private final Map<Kind, Demand> demands = new HashMap<>();

  private boolean closed;

  /**
   * A pool that is not filled yet.
   *
   * @param target how many of a kind wait while nobody asks for more
   * @param most how many wait where more were asked for within a short time
   */
  WarmPool(Host host, Starter starter, Claims claims, int target, int most) {
    this.host = host;
    this.starter = starter;
    this.claims = claims;
    this.target = target;
    this.most = most;
    host.images().listen(changedImage -> wake());
  }

  /** Starts filling. */
  void open() {
    for (int i = 0; i < FILLERS; i++) {
      Thread.ofVirtual().name("warm-pool-" + i).start(this::fill);
    }
  }

  /**
   * A ready machine of the template's current image that can still get what these terms ask for.
   */
  Optional<Ready> take(String templateId, Terms terms) {
    Isolation isolation = terms.isolation();
    if (!Attachments.ofStart(terms).isEmpty()
        || !terms.devices().isEmpty()
        || !Shape.ofPool().becomes(terms.shape(), isolation)) {
      return Optional.empty();
    }
    lock.lock();
    try {
      Kind kind = new Kind(templateId, isolation);
      long now = host.now();
      askedAt.put(kind, now);
      demands.computeIfAbsent(kind, _ -> new Demand()).add(now);
      changed.signal();
      ArrayDeque<Ready> waiting = ready.get(kind);
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

  /** How many are ready. */
  int ready(String templateId) {
    return waits(new Kind(templateId, host.isolations().auto()));
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
      Optional<Kind> next;
      try {
        next = awaitTurn();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      if (next.isEmpty()) {
        return;
      }
      Kind kind = next.get();
      @Nullable Ready made = null;
      try {
        made = make(kind);
      } catch (RuntimeException e) {
        LOG.log(Level.WARNING, e, () -> "no warm machine of " + kind);
      }
      added(kind, made);
    }
  }

  private void added(Kind kind, @Nullable Ready made) {
    lock.lock();
    try {
      making.merge(kind, -1, Integer::sum);
      if (made == null) {
        notBefore.put(kind, host.now() + AFTER_FAILURE_MS);
      } else if (!closed) {
        ready.computeIfAbsent(kind, _ -> new ArrayDeque<>()).add(made);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** What to make next, once claims leave time for it; empty when the pool is closed. */
  private Optional<Kind> awaitTurn() throws InterruptedException {
    Optional<Kind> next = awaitWork();
    if (next.isPresent()) {
      claims.awaitQuiet(patienceMs(next.get()), () -> waits(next.get()) == 0);
    }
    return isClosed() ? Optional.empty() : next;
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private Optional<Kind> awaitWork() throws InterruptedException {
    lock.lock();
    try {
      while (!closed) {
        discardSurplus();
        Set<Kind> wanted = wanted();
        if (!wanted.isEmpty()) {
          Kind next = wanted.iterator().next();
          making.merge(next, 1, Integer::sum);
          return Optional.of(next);
        }
        long wait = notBefore.isEmpty() ? LOOK_MS : AFTER_FAILURE_MS;
        var _ = changed.awaitNanos(TimeUnit.MILLISECONDS.toNanos(wait));
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private long patienceMs(Kind kind) {
    int waiting = waits(kind);
    return 2 * waiting >= target && waiting > 1
        ? STAND_FAR_BACK_MS
        : 4 * waiting >= target ? STAND_BACK_MS : 0;
  }

  private int waits(Kind kind) {
    lock.lock();
    try {
      return waiting(kind);
    } finally {
      lock.unlock();
    }
  }

  private int waiting(Kind kind) {
    ArrayDeque<Ready> waiting = ready.get(kind);
    return waiting == null ? 0 : waiting.size();
  }

  private Set<Kind> wanted() {
    Set<Kind> wanted = new HashSet<>();
    long now = host.now();
    notBefore.values().removeIf(time -> time <= now);
    for (ImageState image : host.images().list()) {
      if (image.status() != ImageState.Status.ACTIVE) {
        continue;
      }
      for (Isolation isolation : Isolation.values()) {
        Kind kind = new Kind(image.templateId(), isolation);
        int have = waiting(kind) + making.getOrDefault(kind, 0);
        if (have < target(image, isolation, now) && !notBefore.containsKey(kind)) {
          wanted.add(kind);
        }
      }
    }
    return wanted;
  }

  private int target(ImageState image, Isolation isolation, long now) {
    int usual = Math.min(host.isolations().warm(isolation, target), Math.max(room(), FEW));
    Kind kind = new Kind(image.templateId(), isolation);
    if (image.onDemand()) {
      Long asked = askedAt.get(kind);
      usual = asked == null || asked < now - DEMAND_MS ? 0 : Math.min(ON_DEMAND, usual);
    }
    Demand demand = demands.get(kind);
    // Machines of the other isolations hold memory of their own.
    if (usual == 0 || demand == null || isolation != Isolation.CONTAINER) {
      return usual;
    }
    return Math.max(usual, Math.min(demand.peak(now), Math.min(most, room())));
  }

  /** How many may wait in the memory that is free. */
  private static int room() {
    return (int) Math.min(FreeMemory.megabytes() / ROOM_MB, Integer.MAX_VALUE);
  }

  /** Ends what nobody asks for any more, and what stands on an image that was replaced. */
  private void discardSurplus() {
    Map<Kind, String> digests = new HashMap<>();
    Map<Kind, Integer> targets = new HashMap<>();
    for (ImageState image : host.images().list()) {
      for (Isolation isolation : Isolation.values()) {
        if (image.status() == ImageState.Status.ACTIVE) {
          Kind kind = new Kind(image.templateId(), isolation);
          digests.put(kind, image.digest());
          targets.put(kind, target(image, isolation, host.now()));
        }
      }
    }
    for (Map.Entry<Kind, ArrayDeque<Ready>> all : ready.entrySet()) {
      String digest = digests.getOrDefault(all.getKey(), "");
      ArrayDeque<Ready> waiting = all.getValue();
      waiting.removeIf(one -> !one.image().digest().equals(digest) && discardLater(one));
      while (waiting.size() > targets.getOrDefault(all.getKey(), 0)) {
        discardLater(waiting.removeLast());
      }
    }
  }

  private boolean discardLater(Ready one) {
    Thread.ofVirtual().name("warm-pool-discard").start(() -> discard(one));
    return true;
  }

  private Ready make(Kind kind) {
    String templateId = kind.templateId();
    Image image;
    try {
      image = host.images().get(templateId);
    } catch (ImageException e) {
      throw new IllegalStateException(templateId + " is not ready after all", e);
    }
    Terms terms = Terms.ofPool(kind.isolation());
    Starter.Fresh fresh = starter.fresh(image, terms);
    Ready made = new Ready(fresh.machine(), fresh.tree(), image);
    try {
      fresh.machine().warm();
      return made;
    } catch (RuntimeException e) {
      discard(made);
      throw e;
    }
  }
}
