package com.atoll.server.snapshots;

import com.atoll.model.AtollException;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.NodeEvent;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeWatch;
import com.atoll.server.store.Store;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes rows and machine agree on snapshots, and ends those whose time is over. */
final class Reconciler implements NodeWatch.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

  private final Store store;
  private final NodeClient node;
  private final Snapshots snapshots;
  private final Archives archives;
  private final SnapshotStore table = new SnapshotStore();

  /** Ids that the last comparison missed on the node: only the second time counts. */
  private Set<String> missedBefore = Set.of();

  Reconciler(Store store, NodeClient node, Snapshots snapshots, Archives archives) {
    this.store = store;
    this.node = node;
    this.snapshots = snapshots;
    this.archives = archives;
  }

  @Override
  public void onEvent(NodeEvent event) {
    // Nothing happens to a snapshot by itself.
  }

  @Override
  public void reconcile() {
    for (Snapshot old : store.system(table::expired)) {
      snapshots.expire(old.org(), old.id());
    }
    archives.sweepImages();
    // The node first: a row is committed before the node is asked for anything.
    Map<String, com.atoll.node.v1.Snapshot> onNode = new HashMap<>();
    for (com.atoll.node.v1.Snapshot each :
        node.snapshots().listSnapshots(ListRequest.getDefaultInstance()).getSnapshotsList()) {
      onNode.put(each.getId(), each);
    }
    List<Snapshot> rows = store.system(table::all);
    Set<String> missed = new HashSet<>();
    for (Snapshot row : rows) {
      com.atoll.node.v1.Snapshot there = onNode.remove(row.id());
      if (!snapshots.isUnderway(row.id())) {
        compare(row, there != null, missed);
        if (there != null && row.status() == SnapshotStatus.CREATING) {
          snapshots.ready(row.org(), row.id(), there);
        }
      }
    }
    missedBefore = missed;
    onNode.keySet().stream().filter(id -> !snapshots.isUnderway(id)).forEach(this::orphan);
  }

  private void compare(Snapshot row, boolean there, Set<String> missed) {
    switch (row.status()) {
      case DELETED -> snapshots.clear(row);
      case FAILED -> {
        if (there) {
          orphan(row.id());
        }
      }
      case CREATING, READY -> {
        archives.compare(row, there);
        if (!row.isLocal()) {
          return; // The archive has it.
        }
        if (!there && missedBefore.contains(row.id())) {
          if (archives.lost(row)) {
            return;
          }
          boolean taken = row.status() == SnapshotStatus.READY;
          snapshots.failed(
              row.org(), row.id(), taken ? "the machine lost it" : "it was interrupted");
        } else if (!there) {
          missed.add(row.id());
        }
      }
    }
  }

  private void orphan(String id) {
    try {
      LOG.info("Snapshot {} has no row that wants it; it is dropped.", id);
      snapshots.dropOnNode(id);
    } catch (AtollException away) {
      LOG.info("Snapshot {} is dropped later: {}", id, away.getMessage());
    }
  }
}
