package com.atoll.server.snapshots;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.node.v1.ArchiveProgress;
import com.atoll.node.v1.RestoreSnapshotRequest;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** Brings archived snapshots back to their machine; all who need one wait for the same work. */
final class Returns {
  private static final int LOCKS = 64;
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final Duration TOLD_EVERY = Duration.ofSeconds(2);

  private final Store store;
  private final NodeClient node;
  private final ArchiveKeys keys;
  private final ArchiveTable table = new ArchiveTable();
  private final SnapshotStore snapshots = new SnapshotStore();
  private final Map<String, FutureTask<Void>> underway = new ConcurrentHashMap<>();
  private final Lock[] locks = new Lock[LOCKS];

  Returns(Store store, NodeClient node, ArchiveKeys keys) {
    this.store = store;
    this.node = node;
    this.keys = keys;
    Arrays.setAll(locks, i -> new ReentrantLock());
  }

  /** Does what must not be done while it is decided that one comes back. */
  void apart(String id, Runnable work) {
    Lock lock = locks[Math.floorMod(id.hashCode(), LOCKS)];
    lock.lock();
    try {
      work.run();
    } finally {
      lock.unlock();
    }
  }

  /** Whether one is on its way back. */
  boolean has(String id) {
    return underway.containsKey(id);
  }

  /** Waits until one is back; SNAPSHOT_NOT_READY when that takes longer than a call may. */
  void bring(OrganizationId org, String id) {
    FutureTask<Void> work =
        underway.computeIfAbsent(
            id,
            key -> {
              FutureTask<Void> task =
                  new FutureTask<>(() -> {
                    try {
                      restore(org, id);
                    } finally {
                      underway.remove(id);
                    }
                    return null;
                  });
              Thread.ofVirtual().name("restore-" + id).start(task);
              return task;
            });
    try {
      work.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw AtollException.of(ErrorCode.SNAPSHOT_NOT_READY, id, "restoring").retryAfter(10);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AtollException refused) {
        throw refused;
      }
      throw AtollException.causedBy(e, ErrorCode.INTERNAL_ERROR);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw AtollException.of(ErrorCode.SNAPSHOT_NOT_READY, id, "restoring");
    }
  }

  private void restore(OrganizationId org, String id) {
    List<String> chain = new ArrayList<>();
    apart(id, () -> chain.addAll(store.transaction(org, tx -> begun(tx, id))));
    if (chain.isEmpty()) {
      return;
    }
    RestoreSnapshotRequest.Builder order = RestoreSnapshotRequest.newBuilder();
    chain.forEach(each -> order.addChain(keys.of(org, each)));
    long[] toldAt = {System.nanoTime()};
    try {
      var _ =
          node.snapshots()
              .restoreSnapshot(
                  order.build(),
                  message -> {
                    if (System.nanoTime() - toldAt[0] >= TOLD_EVERY.toNanos()) {
                      toldAt[0] = System.nanoTime();
                      progress(org, id, message);
                    }
                  });
    } catch (AtollException refused) {
      failed(org, id, refused);
      throw refused;
    }
    CrashPoint.RESTORE_AFTER_ARRIVAL.reach();
    settle(org, id, true);
  }

  /** What is to come, the oldest first; nothing when its files are here. */
  private List<String> begun(Tx tx, String id) {
    Snapshot now = snapshots.lock(tx, id).orElseThrow(() -> Snapshots.missing(id));
    if (now.isLocal()) {
      return List.of();
    }
    table.restoring(tx, id);
    tell(tx, id, "restoring");
    return table.chain(tx, id);
  }

  private void progress(OrganizationId org, String id, ArchiveProgress message) {
    store.execute(
        org,
        tx -> {
          if (snapshots.lock(tx, id).isPresent()) {
            table.progress(tx, id, message.getBytes());
            tell(tx, id, "restoring");
          }
        });
  }

  private void failed(OrganizationId org, String id, AtollException refused) {
    store.execute(
        org,
        tx -> {
          if (snapshots.lock(tx, id).isPresent()) {
            String error = String.valueOf(refused.getMessage());
            table.wrong(tx, id, Archived.State.ARCHIVED, error);
            tell(tx, id, "restore_failed");
          }
        });
  }

  /** Writes down whether the files of an archived one are on the machine. */
  void settle(OrganizationId org, String id, boolean local) {
    store.execute(
        org,
        tx -> {
          if (snapshots.lock(tx, id).isPresent()) {
            table.place(tx, id, local, false);
            tell(tx, id, local ? "restored" : "evicted");
          }
        });
  }

  private void tell(Tx tx, String id, String what) {
    snapshots.find(tx, id).ifPresent(now -> Snapshots.tell(tx, now, what));
  }
}
