package com.atoll.node.service;

import com.atoll.node.archive.ArchiveRef;
import com.atoll.node.archive.SnapshotArchive;
import com.atoll.node.faults.Check;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.v1.ArchiveProgress;
import com.atoll.node.v1.ArchiveSnapshotRequest;
import com.atoll.node.v1.ArchivedSnapshot;
import com.atoll.node.v1.Empty;
import com.atoll.node.v1.NodeGrpc;
import com.atoll.node.v1.RestoreSnapshotRequest;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Snapshots off the machine. */
final class ArchiveCalls {
  private static final Pattern FOLDER = Pattern.compile("[0-9a-f]{16}");
  private static final int KEY = 32;
  private static final int LONGEST_CHAIN = 256;
  private static final long INTERVAL = 1_000_000_000L;

  private final SnapshotArchive archive;

  ArchiveCalls(SnapshotArchive archive) {
    this.archive = archive;
  }

  /** Answers its calls. */
  void bind(Methods methods) {
    methods.stream(NodeGrpc.getArchiveSnapshotMethod(), this::archive);
    methods.stream(NodeGrpc.getRestoreSnapshotMethod(), this::restore);
    methods.answer(NodeGrpc.getEvictSnapshotMethod(), this::evict);
    methods.answer(NodeGrpc.getDeleteArchivedMethod(), this::delete);
  }

  void archive(ArchiveSnapshotRequest request, StreamObserver<ArchiveProgress> caller) {
    tell(
        caller,
        progress -> {
          ArchiveRef parent = request.hasParent() ? ref(request.getParent()) : null;
          SnapshotArchive.Archived there =
              archive.archive(ref(request.getSnapshot()), parent, progress);
          return ArchiveProgress.newBuilder()
              .setParentId(there.parent() == null ? "" : there.parent())
              .setObjectBytes(there.bytes());
        });
  }

  void restore(RestoreSnapshotRequest request, StreamObserver<ArchiveProgress> caller) {
    tell(
        caller,
        progress -> {
          List<ArchiveRef> chain = request.getChainList().stream().map(ArchiveCalls::ref).toList();
          Check.within("chain", chain.size(), 1, LONGEST_CHAIN);
          archive.restore(chain, progress);
          return ArchiveProgress.newBuilder();
        });
  }

  Empty evict(ArchivedSnapshot request) {
    archive.evict(ref(request));
    return Empty.getDefaultInstance();
  }

  Empty delete(ArchivedSnapshot request) {
    archive.delete(ref(request));
    return Empty.getDefaultInstance();
  }

  /** Runs long work that tells once a second how far it is; it ends when the caller is gone. */
  private static void tell(
      StreamObserver<ArchiveProgress> caller,
      Function<SnapshotArchive.Progress, ArchiveProgress.Builder> work) {
    Context call = Context.current();
    long[] last = {System.nanoTime()};
    long[] seen = {0};
    ArchiveProgress end;
    try {
      end =
          Cancellation.ends(() ->
              work.apply(
                      bytes -> {
                        if (call.isCancelled()) {
                          throw NodeFault.unavailable("CANCELLED", "the caller is gone");
                        }
                        seen[0] = bytes;
                        if (System.nanoTime() - last[0] >= INTERVAL) {
                          last[0] = System.nanoTime();
                          caller.onNext(ArchiveProgress.newBuilder().setBytes(bytes).build());
                        }
                      })
                  .setBytes(seen[0])
                  .setFinished(true)
                  .build());
    } catch (RuntimeException e) {
      caller.onError(Answer.status(e));
      return;
    }
    caller.onNext(end);
    caller.onCompleted();
  }

  private static ArchiveRef ref(ArchivedSnapshot request) {
    if (!FOLDER.matcher(request.getFolder()).matches() || request.getKey().size() != KEY) {
      throw NodeFault.invalid("folder and key: not as they must be");
    }
    return new ArchiveRef(
        request.getFolder(),
        Check.id("snapshot_id", request.getSnapshotId()),
        request.getKey().toByteArray());
  }
}
