package com.atoll.node.service;

import com.atoll.node.archive.ArchiveRef;
import com.atoll.node.archive.SnapshotArchive;
import com.atoll.node.faults.Check;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.v1.ArchiveProgress;
import com.atoll.node.v1.ArchiveSnapshotRequest;
import com.atoll.node.v1.ArchivedDescription;
import com.atoll.node.v1.ArchivedImage;
import com.atoll.node.v1.ArchivedSnapshot;
import com.atoll.node.v1.Empty;
import com.atoll.node.v1.NodeGrpc;
import com.atoll.node.v1.RestoreSnapshotRequest;
import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Snapshots off the machine. */
final class ArchiveCalls {
  private static final Pattern FOLDER = Pattern.compile("[0-9a-f]{16}");
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{32}");
  private static final int LONGEST_ABOUT = 2 << 20;
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
    methods.answer(NodeGrpc.getDescribeArchivedMethod(), this::describe);
    methods.answer(NodeGrpc.getDeleteArchivedImageMethod(), this::deleteImage);
  }

  void archive(ArchiveSnapshotRequest request, StreamObserver<ArchiveProgress> caller) {
    tell(
        caller,
        progress -> {
          ArchiveRef parent = request.hasParent() ? ref(request.getParent()) : null;
          Check.within("about", request.getAbout().size(), 0, LONGEST_ABOUT);
          SnapshotArchive.Company company =
              new SnapshotArchive.Company(
                  key(request.getImageKey()),
                  request.getAbout().isEmpty() ? null : request.getAbout().toByteArray());
          SnapshotArchive.Archived there =
              archive.archive(ref(request.getSnapshot()), parent, company, progress);
          return ArchiveProgress.newBuilder()
              .setParentId(there.parent() == null ? "" : there.parent())
              .setObjectBytes(there.bytes())
              .addAllImages(there.images());
        });
  }

  void restore(RestoreSnapshotRequest request, StreamObserver<ArchiveProgress> caller) {
    tell(
        caller,
        progress -> {
          List<ArchiveRef> chain = request.getChainList().stream().map(ArchiveCalls::ref).toList();
          Check.within("chain", chain.size(), 1, LONGEST_CHAIN);
          String as =
              request.getAsSnapshotId().isEmpty()
                  ? request.getChain(chain.size() - 1).getSnapshotId()
                  : Check.id("as_snapshot_id", request.getAsSnapshotId());
          archive.restore(chain, as, key(request.getImageKey()), progress);
          return ArchiveProgress.newBuilder();
        });
  }

  ArchivedDescription describe(ArchivedSnapshot request) {
    SnapshotArchive.Description there = archive.describe(ref(request));
    byte[] about = there.about();
    return ArchivedDescription.newBuilder()
        .setParentId(there.parent() == null ? "" : there.parent())
        .setTemplateId(there.snapshot().origin().templateId())
        .setAbout(about == null ? ByteString.EMPTY : ByteString.copyFrom(about))
        .setSizeBytes(there.snapshot().bytes())
        .setCreatedUnixMs(there.snapshot().createdMs())
        .build();
  }

  Empty deleteImage(ArchivedImage request) {
    if (!FOLDER.matcher(request.getFolder()).matches()
        || !DIGEST.matcher(request.getDigest()).matches()) {
      throw NodeFault.invalid("folder and digest: not as they must be");
    }
    archive.deleteImage(request.getFolder(), request.getDigest());
    return Empty.getDefaultInstance();
  }

  private static byte @Nullable [] key(ByteString key) {
    if (key.isEmpty()) {
      return null;
    }
    if (key.size() != KEY) {
      throw NodeFault.invalid("image_key: not as it must be");
    }
    return key.toByteArray();
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
