package com.atoll.server.snapshots;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.platform.Installation;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Operation;
import com.atoll.server.identity.Identity;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeWatch;
import com.atoll.server.sandboxes.Forks;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jooq.Record;

/** Snapshots of sandboxes. */
public final class SnapshotsCapability implements Capability {
  private static final Duration TICKET_OF_THE_OWNER = Duration.ofDays(1);

  private final List<Operation<?, ?>> operations = new ArrayList<>();
  private final Snapshots snapshots;
  private final Archives archives;
  private final Imports imports;

  /** Snapshots of these sandboxes. */
  public SnapshotsCapability(
      Installation installation,
      Store store,
      Identity identity,
      NodeClient node,
      NodeWatch watch,
      Sandboxes sandboxes,
      Forks forks) {
    ArchiveKeys keys = new ArchiveKeys(installation);
    archives = new Archives(store, node, keys, forks);
    snapshots = new Snapshots(store, node, forks, archives);
    imports = new Imports(store, node, forks, snapshots, keys);
    watch.add(new Reconciler(store, node, snapshots, archives));
    operations.addAll(new ArchiveApi(snapshots, archives).operations());
    operations.addAll(new TransferApi(store, snapshots, imports, keys).operations());
    operations.addAll(new SandboxSnapshotsApi(store, sandboxes, forks, snapshots).operations());
    operations.addAll(new HistoryApi(store, identity, forks, snapshots).operations());
    operations.addAll(new ReadApi(node, snapshots).operations());
    operations.addAll(new NamesApi(store, identity, forks, snapshots).operations());
  }

  /** Where forks that name a snapshot find it. */
  public Forks.Sources sources() {
    return snapshots;
  }

  /** The archive key of an installation, as its owner carries it to another one. */
  public static String archiveKey(Installation installation) {
    return new ArchiveKeys(installation).text();
  }

  /**
   * A ticket for a snapshot in the archive of an installation whose archive key is known here.
   *
   * @param folder that of the other installation in the archive
   * @param org the organization there
   */
  public static String archiveTicket(
      Installation installation, String folder, String org, String snapshotId) {
    ArchiveRoot root =
        new ArchiveKeys(installation)
            .root(folder)
            .orElseThrow(() -> AtollException.of(ErrorCode.ARCHIVE_NOT_TRUSTED, folder));
    return ArchiveTickets.issue(
        root, new OrganizationId(org), snapshotId, Instant.now().plus(TICKET_OF_THE_OWNER));
  }

  /** Deletes a snapshot with its name, as DELETEs by its owner do. */
  public void remove(Principal owner, String id) {
    snapshots.deleteNamed(owner, id);
  }

  /** How many snapshots an organization has, for its usage. */
  public static Map<String, Integer> count(Tx tx) {
    Record row =
        tx.sql()
            .fetchSingle(
                """
                select cast(count(*) as int) as snapshots,
                  cast(least(coalesce(sum(size_bytes), 0) / 1048576, 2147483647) as int)
                    as snapshot_mb
                from snapshots where org = ? and status = 'ready'\
                """,
                tx.org().value());
    return Map.of(
        "snapshots", row.get("snapshots", Integer.class),
        "snapshot_mb", row.get("snapshot_mb", Integer.class));
  }

  @Override
  public void close() {
    archives.close();
    imports.close();
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return operations;
  }
}
