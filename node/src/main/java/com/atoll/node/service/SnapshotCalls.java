package com.atoll.node.service;

import com.atoll.node.faults.Check;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.snapshots.SnapshotFiles;
import com.atoll.node.snapshots.SnapshotRecord;
import com.atoll.node.snapshots.Snapshots;
import com.atoll.node.streams.Tickets;
import com.atoll.node.v1.DirectoryReply;
import com.atoll.node.v1.Empty;
import com.atoll.node.v1.ForkRequest;
import com.atoll.node.v1.NodeGrpc;
import com.atoll.node.v1.OpenReadReply;
import com.atoll.node.v1.Snapshot;
import com.atoll.node.v1.SnapshotList;
import com.atoll.node.v1.SnapshotPathRequest;
import com.atoll.node.v1.SnapshotRef;
import com.atoll.node.v1.TakeSnapshotRequest;
import com.atoll.node.v1.Ticket;
import com.atoll.node.v1.Workload;
import com.atoll.node.workloads.ClaimSpec;
import com.atoll.node.workloads.MemoryWish;
import com.atoll.node.workloads.Workloads;
import java.time.InstantSource;

/** Snapshots and what is in them. */
final class SnapshotCalls {
  private final Workloads workloads;
  private final Snapshots snapshots;
  private final SnapshotFiles files;
  private final Tickets tickets;
  private final InstantSource clock;

  SnapshotCalls(
      Workloads workloads,
      Snapshots snapshots,
      SnapshotFiles files,
      Tickets tickets,
      InstantSource clock) {
    this.workloads = workloads;
    this.snapshots = snapshots;
    this.files = files;
    this.tickets = tickets;
    this.clock = clock;
  }

  /** Answers its calls. */
  void bind(Methods methods) {
    methods.answer(NodeGrpc.getTakeSnapshotMethod(), this::take);
    methods.answer(NodeGrpc.getDropSnapshotMethod(), this::drop);
    methods.answer(NodeGrpc.getListSnapshotsMethod(), this::list);
    methods.answer(NodeGrpc.getForkSnapshotMethod(), this::fork);
    methods.answer(NodeGrpc.getListSnapshotFolderMethod(), this::folder);
    methods.answer(NodeGrpc.getOpenSnapshotFileMethod(), this::open);
  }

  Snapshot take(TakeSnapshotRequest request) {
    String id = Check.id("snapshot_id", request.getSnapshotId());
    String workload = Check.id("workload_id", request.getWorkloadId());
    return reply(snapshots.take(id, workloads, workload, wish(request.getMemory())));
  }

  Empty drop(SnapshotRef request) {
    snapshots.drop(Check.id("id", request.getId()));
    return Empty.getDefaultInstance();
  }

  SnapshotList list() {
    SnapshotList.Builder reply = SnapshotList.newBuilder();
    snapshots.list().forEach(snapshot -> reply.addSnapshots(reply(snapshot)));
    return reply.build();
  }

  Workload fork(ForkRequest request) {
    String source = Check.id("source_id", request.getSourceId());
    ClaimSpec spec =
        Requests.claim(request.getClaim(), clock.millis(), false, workloads.autoIsolation());
    try (Snapshots.Held held = snapshots.hold(source)) {
      return Replies.workload(
          workloads.claimFrom(
              held.record().origin(), held.memory(), spec, wish(request.getSnapshotMemory())));
    }
  }

  DirectoryReply folder(SnapshotPathRequest request) {
    return FileCalls.reply(files.list(id(request), Check.path("path", request.getPath())));
  }

  OpenReadReply open(SnapshotPathRequest request) {
    String id = id(request);
    String path = Check.path("path", request.getPath());
    com.atoll.node.guest.FileInfo info = files.stat(id, path);
    return switch (info.type()) {
      case FILE, DIRECTORY ->
          OpenReadReply.newBuilder()
              .setInfo(FileCalls.info(info))
              .setTicket(Ticket.newBuilder().setToken(tickets.issue(files.stream(id, path))))
              .build();
      case SYMLINK, SPECIAL ->
          throw NodeFault.precondition("SPECIAL_FILE", path + " is a special file");
    };
  }

  private static MemoryWish wish(com.atoll.node.v1.MemoryWish wish) {
    return switch (wish) {
      case WHEN_POSSIBLE -> MemoryWish.WHEN_POSSIBLE;
      case REQUIRED -> MemoryWish.REQUIRED;
      case FILES_ALONE -> MemoryWish.NONE;
      case UNRECOGNIZED -> throw NodeFault.invalid("memory: unknown");
    };
  }

  private static String id(SnapshotPathRequest request) {
    return Check.id("snapshot_id", request.getSnapshotId());
  }

  private static Snapshot reply(SnapshotRecord snapshot) {
    return Snapshot.newBuilder()
        .setId(snapshot.id())
        .setTemplateId(snapshot.origin().templateId())
        .setSizeBytes(snapshot.bytes())
        .setPauseMicros(snapshot.pauseMicros())
        .setCreatedUnixMs(snapshot.createdMs())
        .setMemoryBytes(snapshot.memoryBytes() == null ? 0 : snapshot.memoryBytes())
        .build();
  }
}
