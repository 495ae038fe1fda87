package com.atoll.server.volumes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.node.v1.AttachVolumeRequest;
import com.atoll.node.v1.DetachVolumeRequest;
import com.atoll.node.v1.VolumeMount;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.IdLocks;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.atoll.server.volumes.Attachment.Status;
import java.util.List;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives volumes to sandboxes that exist and takes them back. The row says first what is to be, then
 * the machine does it, then the row says that it is so: what a crash leaves between is finished by
 * the comparison.
 */
final class LiveVolumes {
  private static final Logger LOG = LoggerFactory.getLogger(LiveVolumes.class);

  private final Store store;
  private final NodeClient node;
  private final IdLocks locks = new IdLocks();

  LiveVolumes(Store store, NodeClient node) {
    this.store = store;
    this.node = node;
  }

  List<Attachment> list(Principal principal, Sandbox sandbox) {
    return store.transaction(principal, tx -> Attachment.Table.ofSandbox(tx, sandbox.id()));
  }

  /**
   * Attaches; the same wish again is the same attachment.
   *
   * @param after what else belongs into the transaction that completes it
   */
  Attachment attach(
      Principal principal, Sandbox sandbox, VolumeMount mount, BiConsumer<Tx, Attachment> after) {
    try (var _ = locks.lock(sandbox.id())) {
      Attachment wanted = store.transaction(principal, tx -> intend(tx, sandbox, mount));
      CrashPoint.ATTACH_AFTER_ROW.reach();
      try {
        attachOnNode(wanted);
      } catch (AtollException refused) {
        if (wanted.status() == Status.ATTACHING) {
          store.execute(sandbox.org(), tx -> Attachment.Table.delete(tx, wanted.id()));
        }
        throw refused;
      }
      CrashPoint.ATTACH_AFTER_NODE.reach();
      return store.transaction(
          principal,
          tx -> {
            Attachment attached = settled(tx, wanted);
            after.accept(tx, attached);
            return attached;
          });
    }
  }

  private Attachment intend(Tx tx, Sandbox sandbox, VolumeMount mount) {
    // Before the volume, as the end of a sandbox does: neither waits for the other.
    Attachment.Table.holdSandbox(tx, sandbox.id());
    Volume volume =
        VolumeTable.lock(tx, mount.getVolumeId())
            .filter(found -> found.status() != Volume.Status.DELETING)
            .orElseThrow(
                () -> AtollException.of(ErrorCode.NOT_FOUND, "volume " + mount.getVolumeId()));
    List<Attachment> before = Attachment.Table.ofSandbox(tx, sandbox.id());
    for (Attachment there : before) {
      if (there.isOf(mount) && there.status() != Status.DETACHING) {
        return there;
      }
      if (there.volumeId().equals(mount.getVolumeId())) {
        throw AtollException.of(
            ErrorCode.CONFLICT, "the sandbox has this volume at " + there.mountPath());
      }
      if (Wishes.overlap(there.mountPath(), mount.getPath())) {
        throw AtollException.of(
            ErrorCode.CONFLICT, "mount_path overlaps with the volume at " + there.mountPath());
      }
    }
    if (before.size() >= Wishes.MOST) {
      throw AtollException.of(
          ErrorCode.QUOTA_EXCEEDED, "a sandbox has at most " + Wishes.MOST + " volumes");
    }
    Attachments.requireFree(volume, mount);
    return Attachments.insert(tx, volume, sandbox, mount, Status.ATTACHING);
  }

  /** Says that the machine has it. */
  private static Attachment settled(Tx tx, Attachment wanted) {
    Attachment.Table.holdSandbox(tx, wanted.sandboxId());
    Attachment now =
        Attachment.Table.find(tx, wanted.sandboxId(), wanted.id())
            .orElseThrow(() -> AtollException.of(ErrorCode.SANDBOX_DESTROYED, wanted.sandboxId()));
    if (now.status() == Status.ATTACHED) {
      return now;
    }
    Attachment.Table.move(tx, now.id(), Status.ATTACHED);
    Attachments.tell(tx, "volume.attached", now);
    return Attachment.Table.find(tx, now.sandboxId(), now.id()).orElseThrow();
  }

  /** Detaches; refused while a process inside has files of the volume open. */
  void detach(Principal principal, String sandboxId, String reference) {
    try (var _ = locks.lock(sandboxId)) {
      Attachment unwanted =
          store.transaction(
              principal,
              tx -> {
                Attachment found =
                    Attachment.Table.find(tx, sandboxId, reference)
                        .orElseThrow(() ->
                            AtollException.of(ErrorCode.NOT_FOUND, "attachment " + reference));
                Attachment.Table.move(tx, found.id(), Status.DETACHING);
                return found;
              });
      CrashPoint.DETACH_AFTER_ROW.reach();
      finishDetach(unwanted);
    }
  }

  /** The machine's part and the end of the row; a refusal leaves it attached. */
  private void finishDetach(Attachment unwanted) {
    OrganizationId org = new OrganizationId(unwanted.org());
    try {
      detachOnNode(unwanted.sandboxId(), unwanted.volumeId());
    } catch (AtollException refused) {
      if (refused.code() != ErrorCode.NOT_FOUND) {
        store.execute(org, tx -> Attachment.Table.move(tx, unwanted.id(), Status.ATTACHED));
        throw refused;
      }
    }
    CrashPoint.DETACH_AFTER_NODE.reach();
    store.execute(
        org,
        tx -> {
          if (Attachment.Table.delete(tx, unwanted.id())) {
            Attachments.tell(tx, "volume.detached", unwanted);
          }
        });
  }

  /** Makes rows and machine agree about the volumes of a sandbox; the rows say what is to be. */
  void align(String sandboxId) {
    try (var _ = locks.lock(sandboxId)) {
      Workload workload = node.workloads().get(WorkloadRef.newBuilder().setId(sandboxId).build());
      if (!workload.getConfirmed()) {
        return; // Its claim may name what a transaction is just storing.
      }
      List<Attachment> rows = store.system(tx -> Attachment.Table.ofSandbox(tx, sandboxId));
      for (Attachment row : rows) {
        align(row, workload.getVolumesList().contains(row.mount()));
      }
      for (VolumeMount mount : workload.getVolumesList()) {
        if (rows.stream().noneMatch(row -> row.volumeId().equals(mount.getVolumeId()))) {
          LOG.info("Volume {} is taken from {}.", mount.getVolumeId(), sandboxId);
          detachOnNode(sandboxId, mount.getVolumeId());
        }
      }
    }
  }

  private void align(Attachment row, boolean mounted) {
    OrganizationId org = new OrganizationId(row.org());
    switch (row.status()) {
      case ATTACHING -> {
        if (mounted) {
          store.execute(org, tx -> settled(tx, row));
        } else {
          store.execute(org, tx -> Attachment.Table.delete(tx, row.id()));
        }
      }
      case ATTACHED -> {
        if (!mounted) {
          LOG.info("Volume {} is attached to {} again.", row.volumeId(), row.sandboxId());
          attachOnNode(row);
        }
      }
      case DETACHING -> finishDetach(row);
    }
  }

  private void attachOnNode(Attachment wanted) {
    var _ =
        node.volumes()
            .attachVolume(
                AttachVolumeRequest.newBuilder()
                    .setWorkloadId(wanted.sandboxId())
                    .setMount(wanted.mount())
                    .build());
  }

  private void detachOnNode(String sandboxId, String volumeId) {
    var _ =
        node.volumes()
            .detachVolume(
                DetachVolumeRequest.newBuilder()
                    .setWorkloadId(sandboxId)
                    .setVolumeId(volumeId)
                    .build());
  }
}
