package com.atoll.server.volumes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.NodeEvent;
import com.atoll.node.v1.VolumeMount;
import com.atoll.node.v1.Workload;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeWatch;
import com.atoll.server.store.Store;
import com.atoll.server.volumes.Volume.Status;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finishes what a crash or an absent machine left half-done. It never drops files by itself. */
final class VolumeReconciler implements NodeWatch.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(VolumeReconciler.class);

  private final Store store;
  private final NodeClient node;
  private final VolumeService volumes;
  private final LiveVolumes live;

  VolumeReconciler(Store store, NodeClient node, VolumeService volumes, LiveVolumes live) {
    this.store = store;
    this.node = node;
    this.volumes = volumes;
    this.live = live;
  }

  @Override
  public void onEvent(NodeEvent event) {
    // Nothing of a volume changes on a machine by itself.
  }

  @Override
  public void reconcile() {
    for (Attachment left : store.system(Attachment.Table::leftover)) {
      attempt(left.id(), () -> free(left));
    }
    List<Volume> rows = store.system(VolumeTable::all);
    List<Attachment> attachments = store.system(Attachment.Table::all);
    Map<String, Long> onNode = new HashMap<>();
    node.volumes()
        .listVolumes(ListRequest.getDefaultInstance())
        .getVolumesList()
        .forEach(volume -> onNode.put(volume.getId(), volume.getSizeMb()));
    for (Volume row : rows) {
      attempt(row.id(), () -> volume(row, onNode.get(row.id())));
    }
    for (Workload workload :
        node.workloads().list(ListRequest.getDefaultInstance()).getWorkloadsList()) {
      if (workload.getConfirmed() && differs(workload, attachments)) {
        attempt(workload.getId(), () -> live.align(workload.getId()));
      }
    }
  }

  /** The machine gives it back with the rest of the sandbox. */
  private void free(Attachment left) {
    LOG.info("Volume {} is taken from {}, which is destroyed.", left.volumeId(), left.sandboxId());
    store.execute(
        new OrganizationId(left.org()),
        tx -> {
          if (Attachment.Table.delete(tx, left.id())) {
            Attachments.tell(tx, "volume.detached", left);
          }
        });
  }

  /** A first look, without a lock: what differs is looked at again. */
  private static boolean differs(Workload workload, List<Attachment> all) {
    Set<VolumeMount> wanted = new HashSet<>();
    for (Attachment row : all) {
      if (row.sandboxId().equals(workload.getId())) {
        if (row.status() != Attachment.Status.ATTACHED) {
          return true;
        }
        wanted.add(row.mount());
      }
    }
    return !wanted.equals(new HashSet<>(workload.getVolumesList()));
  }

  /**
   * Aligns one.
   *
   * @param sizeMb what it may hold on the machine; null when it is not there
   */
  private void volume(Volume row, @Nullable Long sizeMb) {
    if (volumes.isUnderway(row.id())) {
      return;
    }
    switch (row.status()) {
      case CREATING -> create(row);
      case DELETING -> volumes.finishDelete(row);
      case AVAILABLE -> {
        if (sizeMb == null) {
          move(row, Status.ERROR, "volume.error");
        } else if (sizeMb < row.spec().getSizeMb()) {
          volumes.grow(row);
        }
      }
      case ERROR -> {
        if (sizeMb != null) {
          move(row, Status.AVAILABLE, "volume.updated");
        }
      }
    }
  }

  private void create(Volume row) {
    try {
      volumes.settle(row);
    } catch (AtollException refused) {
      if (refused.code() != ErrorCode.NOT_FOUND) {
        throw refused;
      }
      store.execute(row.org(), tx -> VolumeService.forget(tx, row, "source_gone"));
    }
  }

  private void move(Volume row, Status to, String type) {
    store.execute(
        row.org(),
        tx -> {
          if (VolumeTable.move(tx, row.id(), row.status(), to)) {
            Volume now = VolumeTable.find(tx, row.id()).orElseThrow();
            tx.event(now.event(type, Map.of("status", to.wire())));
          }
        });
  }

  private static void attempt(String id, Runnable step) {
    try {
      step.run();
    } catch (AtollException refused) {
      LOG.debug("{} stays as it is for now: {}", id, refused.getMessage());
    }
  }
}
