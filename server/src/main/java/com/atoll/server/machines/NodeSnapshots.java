package com.atoll.server.machines;

import com.atoll.node.v1.ArchiveProgress;
import com.atoll.node.v1.ArchiveSnapshotRequest;
import com.atoll.node.v1.ArchivedDescription;
import com.atoll.node.v1.ArchivedImage;
import com.atoll.node.v1.ArchivedSnapshot;
import com.atoll.node.v1.DirectoryReply;
import com.atoll.node.v1.Empty;
import com.atoll.node.v1.ForkRequest;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.OpenReadReply;
import com.atoll.node.v1.RestoreSnapshotRequest;
import com.atoll.node.v1.Snapshot;
import com.atoll.node.v1.SnapshotList;
import com.atoll.node.v1.SnapshotPathRequest;
import com.atoll.node.v1.SnapshotRef;
import com.atoll.node.v1.TakeSnapshotRequest;
import com.atoll.node.v1.Workload;
import java.util.function.Consumer;

/** Files of a workload kept as they were, on the node and in the archive. */
public final class NodeSnapshots {
  private final NodeCalls calls;

  NodeSnapshots(NodeCalls calls) {
    this.calls = calls;
  }

  /** Keeps the files of a workload as they are. Idempotent by snapshot id. */
  public Snapshot takeSnapshot(TakeSnapshotRequest request) {
    return calls.call(NodeCalls.SLOW, node -> node.takeSnapshot(request));
  }

  /** Drops a snapshot. Idempotent. */
  public Empty dropSnapshot(SnapshotRef request) {
    return calls.call(NodeCalls.SLOW, node -> node.dropSnapshot(request));
  }

  /** Every snapshot of the node. */
  public SnapshotList listSnapshots(ListRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.listSnapshots(request));
  }

  /** A new workload from a snapshot. */
  public Workload forkSnapshot(ForkRequest request) {
    return calls.call(NodeCalls.START, node -> node.forkSnapshot(request));
  }

  /** The entries of a folder in a snapshot. */
  public DirectoryReply listSnapshotFolder(SnapshotPathRequest request) {
    return calls.call(NodeCalls.SLOW, node -> node.listSnapshotFolder(request));
  }

  /** Ticket for the bytes of a file in a snapshot, or of a folder as tar. */
  public OpenReadReply openSnapshotFile(SnapshotPathRequest request) {
    return calls.call(NodeCalls.SLOW, node -> node.openSnapshotFile(request));
  }

  /**
   * Puts a snapshot into the archive. Idempotent.
   *
   * @param progress hears once a second or so how far it is; what it throws calls the work off
   */
  public ArchiveProgress archiveSnapshot(
      ArchiveSnapshotRequest request, Consumer<ArchiveProgress> progress) {
    return calls.follow(node -> node.archiveSnapshot(request), progress);
  }

  /** Brings an archived snapshot back to the node. Idempotent; progress as for archiving. */
  public ArchiveProgress restoreSnapshot(
      RestoreSnapshotRequest request, Consumer<ArchiveProgress> progress) {
    return calls.follow(node -> node.restoreSnapshot(request), progress);
  }

  /** Drops the files of an archived snapshot from the node. Idempotent. */
  public Empty evictSnapshot(ArchivedSnapshot request) {
    return calls.call(NodeCalls.SLOW, node -> node.evictSnapshot(request));
  }

  /** What the archive has of a snapshot, whoever put it there. */
  public ArchivedDescription describeArchived(ArchivedSnapshot request) {
    return calls.call(NodeCalls.SLOW, node -> node.describeArchived(request));
  }

  /** Removes an image from the archive. Idempotent. */
  public Empty deleteArchivedImage(ArchivedImage request) {
    return calls.call(NodeCalls.SLOW, node -> node.deleteArchivedImage(request));
  }

  /** Removes a snapshot from the archive. Idempotent. */
  public Empty deleteArchived(ArchivedSnapshot request) {
    return calls.call(NodeCalls.SLOW, node -> node.deleteArchived(request));
  }
}
