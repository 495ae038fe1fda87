package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.SandboxState;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.platform.Installation;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a start leaves to be done and nobody waits for: writing down and telling how it went,
 * confirming the claim. It is done for all of a moment together, and a little later, so that the
 * first command in a new sandbox has the processor. A crash before it costs nothing: the node tells
 * where a sandbox runs, and asks about a claim that was not confirmed.
 */
final class Afterwork implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Afterwork.class);
  private static final long LATER_NANOS = TimeUnit.MILLISECONDS.toNanos(60);

  private final Store store;
  private final SandboxStore table;
  private final NodeClient node;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Map<String, Observation> observed = new LinkedHashMap<>();
  private final Set<String> claimed = new LinkedHashSet<>();

  /** Held while a batch is written, so that a reader can wait for its own. */
  private final ReentrantLock writing = new ReentrantLock();

  private boolean closed;

  Afterwork(Store store, SandboxStore table, NodeClient node) {
    this.store = store;
    this.table = table;
    this.node = node;
  }

  /** Begins to do it. */
  void start() {
    Thread.ofVirtual().name("afterwork").start(this::run);
  }

  /** Has a start written down. */
  void observed(Observation observation) {
    lock.lock();
    try {
      observed.put(observation.sandbox().id(), observation);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Has a claim confirmed whose row is committed. */
  void claimed(String id) {
    lock.lock();
    try {
      claimed.add(id);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the claim of this sandbox will be confirmed: the node tells of it again then. */
  boolean confirms(String id) {
    lock.lock();
    try {
      return claimed.contains(id);
    } finally {
      lock.unlock();
    }
  }

  /** Whoever reads rows next sees how everything went that was started until now. */
  void settle() {
    lock.lock();
    try {
      if (observed.isEmpty() && !writing.isLocked()) {
        return;
      }
    } finally {
      lock.unlock();
    }
    writeObserved();
  }

  private void run() {
    try {
      while (await()) {
        writeObserved();
        confirmClaimed();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    writeObserved();
  }

  /** Waits for work, then a moment for more of it. */
  private boolean await() throws InterruptedException {
    lock.lock();
    try {
      while (!closed && observed.isEmpty() && claimed.isEmpty()) {
        changed.await();
      }
      long left = LATER_NANOS;
      while (!closed && left > 0) {
        left = changed.awaitNanos(left);
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  private void writeObserved() {
    writing.lock();
    try {
      List<Observation> batch;
      lock.lock();
      try {
        batch = List.copyOf(observed.values());
        observed = new LinkedHashMap<>();
      } finally {
        lock.unlock();
      }
      if (!batch.isEmpty()) {
        store.executeSystem(tx -> {
          Map<String, Long> fresh = table.observed(tx, batch);
          for (Observation one : batch) {
            Long version = fresh.get(one.sandbox().id());
            if (version != null) {
              tell(tx, one, version);
            }
          }
        });
      }
    } catch (RuntimeException failed) {
      LOG.debug("Where some sandboxes run was not stored; the node tells again.", failed);
    } finally {
      writing.unlock();
    }
  }

  /**
   * That a new sandbox was started, is ready, and runs: the names by which clients wait for it, the
   * last one at the end. That one with a probe is ready is told when it has passed.
   *
   * @param version of the row: it may have been changed since it was planned
   */
  private static void tell(Tx tx, Observation first, long version) {
    Sandbox sandbox = first.sandbox();
    Map<String, Object> where = Map.of("region", Installation.REGION);
    tx.event(sandbox.org(), Rows.event("sandbox.started", sandbox, version, where));
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("status", "running");
    data.put("boot_path", first.bootPath());
    data.put("boot_ms", first.bootMs());
    if (!first.awaited()) {
      tx.event(sandbox.org(), Rows.event("sandbox.ready", sandbox, version, data));
    }
    tx.event(sandbox.org(), Rows.event("sandbox.running", sandbox, version, data));
  }

  private void confirmClaimed() {
    List<String> batch;
    lock.lock();
    try {
      batch = List.copyOf(claimed);
    } finally {
      lock.unlock();
    }
    for (String id : batch) {
      forget(id);
      confirm(id);
      CrashPoint.CREATE_AFTER_CONFIRM.reach();
    }
  }

  private void forget(String id) {
    lock.lock();
    try {
      claimed.remove(id);
    } finally {
      lock.unlock();
    }
  }

  private void confirm(String id) {
    try {
      node.workloads().confirm(WorkloadRef.newBuilder().setId(id).build());
    } catch (AtollException unreachable) {
      // The row is committed: when the lease ends the node asks and is told so; or the sandbox is
      // gone.
      if (!isGone(id)) {
        LOG.info("The claim of {} could not be confirmed now: {}", id, unreachable.getMessage());
      }
    }
  }

  /** Whether the sandbox was deleted meanwhile, and its workload with it. */
  private boolean isGone(String id) {
    try {
      return store.system(
          tx -> table.byId(tx, id).filter(now -> now.state() != SandboxState.DESTROYED).isEmpty());
    } catch (RuntimeException away) {
      LOG.debug("Whether {} is gone could not be read.", id, away);
      return false;
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }
}
