package com.atoll.server.volumes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.node.v1.VolumeMount;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.SandboxVolumes;
import com.atoll.server.sandboxes.VolumeWish;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which sandbox has which volume. One that is not shared has one writer at a time. */
final class Attachments implements SandboxVolumes {
  private final Store store;

  Attachments(Store store) {
    this.store = store;
  }

  @Override
  public List<VolumeMount> require(Principal principal, @Nullable List<VolumeWish> wishes) {
    List<VolumeMount> mounts = Wishes.mounts(wishes);
    if (!mounts.isEmpty()) {
      Map<String, Volume> volumes =
          store.transaction(principal, tx -> VolumeTable.find(tx, ids(mounts)));
      mounts.forEach(mount -> requireFree(known(volumes, mounts, mount), mount));
    }
    return mounts;
  }

  @Override
  public void attach(Tx tx, Sandbox sandbox, List<VolumeMount> mounts) {
    if (mounts.isEmpty()) {
      return;
    }
    Map<String, Volume> volumes = VolumeTable.lock(tx, ids(mounts));
    for (VolumeMount mount : mounts) {
      Volume volume = known(volumes, mounts, mount);
      requireFree(volume, mount);
      Attachment attached = insert(tx, volume, sandbox, mount, Attachment.Status.ATTACHED);
      VolumeTable.touch(tx, volume);
      tx.event(volume.event("volume.attached", volume.version() + 1, data(attached)));
    }
  }

  private static List<String> ids(List<VolumeMount> mounts) {
    return mounts.stream().map(VolumeMount::getVolumeId).toList();
  }

  private static Volume known(
      Map<String, Volume> volumes, List<VolumeMount> mounts, VolumeMount mount) {
    String id = mount.getVolumeId();
    return Optional.ofNullable(volumes.get(id))
        .orElseThrow(() -> unknown(Wishes.entry(mounts.indexOf(mount)) + "volume_id", id));
  }

  @Override
  public List<VolumeMount> of(Sandbox sandbox) {
    return store.transaction(
        sandbox.org(),
        tx ->
            Attachment.Table.ofSandbox(tx, sandbox.id()).stream().map(Attachment::mount).toList());
  }

  @Override
  public void release(Tx tx, Sandbox sandbox) {
    List<Attachment> had =
        Attachment.Table.ofSandbox(tx, sandbox.id()).stream()
            .sorted(Comparator.comparing(Attachment::volumeId))
            .toList();
    for (Attachment attachment : had) {
      if (Attachment.Table.delete(tx, attachment.id())) {
        tell(tx, "volume.detached", attachment);
      }
    }
  }

  /** Stores one more attachment; the row of the volume is locked. */
  static Attachment insert(
      Tx tx, Volume volume, Sandbox sandbox, VolumeMount mount, Attachment.Status status) {
    Attachment attachment =
        new Attachment(
            Ids.next(Attachment.PREFIX),
            volume.org().value(),
            volume.id(),
            sandbox.id(),
            mount.getPath(),
            mount.getReadOnly(),
            !volume.shared() && !mount.getReadOnly(),
            status,
            volume.owner().externalUserId(),
            OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS));
    Attachment.Table.insert(tx, attachment);
    return attachment;
  }

  /** Refuses a volume that cannot be attached so. */
  static void requireFree(Volume volume, VolumeMount mount) {
    switch (volume.status()) {
      case AVAILABLE -> {}
      case CREATING, ERROR ->
          throw AtollException.of(
              ErrorCode.RESOURCE_STATE, "volume " + volume.id() + " is " + volume.status().wire());
      case DELETING -> throw unknown("volume_id", volume.id());
    }
    if (volume.shared() || mount.getReadOnly()) {
      return;
    }
    if (volume.writer() != null) {
      throw AtollException.of(
          ErrorCode.CONFLICT,
          "volume "
              + volume.id()
              + " is attached to "
              + volume.writer()
              + " and has one writer at a time");
    }
  }

  /** Tells a change of an attachment as one of its volume. */
  static void tell(Tx tx, String type, Attachment changed) {
    Volume volume = VolumeTable.touch(tx, changed.volumeId());
    tx.event(volume.event(type, data(changed)));
  }

  private static Map<String, String> data(Attachment changed) {
    return Map.of("sandbox_id", changed.sandboxId(), "mount_path", changed.mountPath());
  }

  private static AtollException unknown(String field, String id) {
    return AtollException.invalid(field, "names no volume of this organization: " + id);
  }
}
