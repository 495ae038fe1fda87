package com.atoll.server.volumes;

import com.atoll.model.Principal;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Operation;
import com.atoll.server.identity.Identity;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeWatch;
import com.atoll.server.sandboxes.SandboxVolumes;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Volumes and who has them. */
public final class VolumesCapability implements Capability {
  private final Store store;
  private final VolumeService volumes;
  private final LiveVolumes live;
  private final List<Operation<?, ?>> operations = new ArrayList<>();

  /** Volumes of these sandboxes, as large as the limit allows. */
  public VolumesCapability(
      Store store,
      Identity identity,
      NodeClient node,
      NodeWatch watch,
      Sandboxes sandboxes,
      StorageLimit limit) {
    this.store = store;
    volumes = new VolumeService(store, node, identity, limit);
    live = new LiveVolumes(store, node);
    watch.add(new VolumeReconciler(store, node, volumes, live));
    operations.addAll(new VolumesApi(volumes).operations());
    operations.addAll(new AttachmentsApi(sandboxes, live).operations());
  }

  /** What sandboxes ask of volumes. */
  public static SandboxVolumes ofSandboxes(Store store) {
    return new Attachments(store);
  }

  /**
   * Takes a volume from the sandboxes that have it and ends it, as DELETEs by its owner do; refused
   * while a process inside has its files open.
   */
  public void remove(Principal owner, String id) {
    for (Attachment attachment :
        store.transaction(owner, tx -> Attachment.Table.ofVolume(tx, id))) {
      live.detach(owner, attachment.sandboxId(), attachment.id());
    }
    volumes.delete(owner, id);
  }

  /** The volumes that some sandboxes have, in the order in which they came. */
  public List<Mounted> mounted(Principal principal, Collection<String> sandboxIds) {
    return sandboxIds.isEmpty()
        ? List.of()
        : store.transaction(principal, tx -> Attachment.Table.mounted(tx, sandboxIds));
  }

  /** How many volumes an organization has, for its usage. */
  public static Map<String, Integer> count(Tx tx) {
    return Map.of(
        "volumes",
        tx.sql()
            .fetchSingle("select count(*) from volumes where org = ?", tx.org().value())
            .get(0, Integer.class));
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return operations;
  }
}
