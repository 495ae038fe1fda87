package com.atoll.server.machines;

import com.atoll.node.v1.*;
import com.atoll.node.v1.AttachVolumeRequest;
import com.atoll.node.v1.CopyVolumeRequest;
import com.atoll.node.v1.DetachVolumeRequest;
import com.atoll.node.v1.OpenUnpackRequest;
import com.atoll.node.v1.SearchReply;
import com.atoll.node.v1.SearchRequest;
import com.atoll.node.v1.SshRequest;
import com.atoll.node.v1.Volume;
import com.atoll.node.v1.VolumeList;
import com.atoll.node.v1.VolumeRef;
import com.atoll.node.v1.VolumeSpec;
import com.atoll.platform.Installation;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The only way from the control plane to a machine. Every call has a deadline; every refusal comes
 * out as an {@code AtollException}. Calls are blocking and meant for virtual threads.
 */
public final class NodeClient implements AutoCloseable {
  private static final Duration QUICK = Duration.ofSeconds(10);
  private static final Duration START = Duration.ofSeconds(45);
  private static final Duration SLOW = Duration.ofSeconds(50);
  private static final Duration LONG = Duration.ofMinutes(5);

  /** A supervised restart takes two or three seconds, more on a busy machine. */
  private static final Duration RECONNECT = Duration.ofSeconds(5);

  /** How long an answer may come after the time-out of the command itself. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final List<Consumer<com.atoll.node.v1.Process>> starts = new CopyOnWriteArrayList<>();
  private final NodeChannel channel;
  private final NodeGrpc.NodeBlockingStub stub;
  private final Path streams;

  private NodeClient(NodeChannel channel, Path streams) {
    this.channel = channel;
    this.stub = NodeGrpc.newBlockingStub(channel.grpc());
    this.streams = streams;
  }

  /** The node on this machine. Does not wait for it: it may start later and restart at any time. */
  public static NodeClient of(Installation installation) {
    return at(installation.nodeSocket(), installation.streamsSocket());
  }

  /** A node at these sockets. */
  static NodeClient at(Path socket, Path streams) {
    return new NodeClient(NodeChannel.unix(socket), streams);
  }

  /** What this machine is, can do and has free. */
  public NodeDescription describe(DescribeRequest request) {
    return call(QUICK, node -> node.describe(request));
  }

  /** Takes a warm slot, or starts one cold; the lease runs until {@link #confirm}. */
  public Workload claim(ClaimRequest request) {
    return call(START, node -> node.claim(request));
  }

  /** Ends the lease: the row is committed. */
  public Workload confirm(WorkloadRef request) {
    return call(QUICK, node -> node.confirm(request));
  }

  /** Ends the workload and drops its tree. Idempotent. */
  public Empty destroy(WorkloadRef request) {
    return call(START, node -> node.destroy(request));
  }

  /** One workload as it is now. */
  public Workload get(WorkloadRef request) {
    return call(QUICK, node -> node.get(request));
  }

  /** Every workload of the node. */
  public ListReply list(ListRequest request) {
    return call(QUICK, node -> node.list(request));
  }

  /** Stops compute and keeps files. */
  public Workload pause(PauseRequest request) {
    return call(START, node -> node.pause(request));
  }

  /** Starts compute again. */
  public Workload resume(WorkloadRef request) {
    return call(START, node -> node.resume(request));
  }

  /** Changes limits, environment, time-outs and exposed ports in place. */
  public Workload update(UpdateRequest request) {
    return call(QUICK, node -> node.update(request));
  }

  /** A new workload from the tree of another. */
  public Workload fork(ForkRequest request) {
    return call(START, node -> node.fork(request));
  }

  /** Starts a command that outlives the call. */
  public com.atoll.node.v1.Process start(StartRequest request) {
    com.atoll.node.v1.Process started = call(QUICK, node -> node.start(request));
    starts.forEach(listener -> listener.accept(started));
    return started;
  }

  /**
   * Hears of each process that is started from now on.
   *
   * @return ends that
   */
  public Runnable onStart(Consumer<com.atoll.node.v1.Process> listener) {
    starts.add(listener);
    return () -> starts.remove(listener);
  }

  /** One process. */
  public com.atoll.node.v1.Process getProcess(ProcessRef request) {
    return call(QUICK, node -> node.getProcess(request));
  }

  /** The processes that were started by {@link #start}. */
  public ProcessList listProcesses(WorkloadRef request) {
    return call(QUICK, node -> node.listProcesses(request));
  }

  /** The last lines of a process's output. */
  public TailReply tailProcess(TailRequest request) {
    return call(QUICK, node -> node.tailProcess(request));
  }

  /** Writes to the standard input of a process. */
  public Empty writeInput(InputRequest request) {
    return call(QUICK, node -> node.writeInput(request));
  }

  /** Signals a process. */
  public Empty signal(SignalRequest request) {
    return call(QUICK, node -> node.signal(request));
  }

  /** Tells a terminal its new size. */
  public Empty resizeTerminal(ResizeRequest request) {
    return call(QUICK, node -> node.resizeTerminal(request));
  }

  /** One entry of the file system. */
  public FileInfo stat(PathRequest request) {
    return call(QUICK, node -> node.stat(request));
  }

  /** The entries below a directory. */
  public DirectoryReply listDirectory(ListDirectoryRequest request) {
    return call(QUICK, node -> node.listDirectory(request));
  }

  /** Makes a directory. */
  public FileInfo makeDirectory(MakeDirectoryRequest request) {
    return call(QUICK, node -> node.makeDirectory(request));
  }

  /** Removes a file or a directory. */
  public Empty remove(RemoveRequest request) {
    return call(SLOW, node -> node.remove(request));
  }

  /** Moves a file or a directory. */
  public FileInfo move(MoveRequest request) {
    return call(SLOW, node -> node.move(request));
  }

  /** Copies a file or a directory. */
  public FileInfo copy(MoveRequest request) {
    return call(SLOW, node -> node.copy(request));
  }

  /** Changes permission bits. */
  public FileInfo changeMode(ChangeModeRequest request) {
    return call(QUICK, node -> node.changeMode(request));
  }

  /** Writes at most 1 MiB in the message itself. */
  public FileInfo writeSmall(WriteSmallRequest request) {
    return call(QUICK, node -> node.writeSmall(request));
  }

  /** Reads a small file in the message itself. */
  public ReadSmallReply readSmall(ReadSmallRequest request) {
    return call(QUICK, node -> node.readSmall(request));
  }

  /** Ticket for the bytes of a file. */
  public OpenReadReply openRead(OpenReadRequest request) {
    return call(QUICK, node -> node.openRead(request));
  }

  /** Ticket that takes the bytes of a file. */
  public Ticket openWrite(OpenWriteRequest request) {
    return call(QUICK, node -> node.openWrite(request));
  }

  /** Ticket that takes the bytes of an archive. */
  public Ticket openUnpack(OpenUnpackRequest request) {
    return call(QUICK, node -> node.openUnpack(request));
  }

  /** Names and lines below a directory. */
  public SearchReply search(SearchRequest request) {
    return call(SLOW, node -> node.search(request));
  }

  /** Ticket for a tar.gz of several paths. */
  public Ticket openArchive(OpenArchiveRequest request) {
    return call(QUICK, node -> node.openArchive(request));
  }

  /** Ticket for change records. */
  public Ticket openWatch(OpenWatchRequest request) {
    return call(QUICK, node -> node.openWatch(request));
  }

  /** Ticket for the output records of a process. */
  public Ticket openRecords(RecordsRequest request) {
    return call(QUICK, node -> node.openRecords(request));
  }

  /** Ticket for a byte stream to a port inside. */
  public Ticket openForward(ForwardRequest request) {
    return call(QUICK, node -> node.openForward(request));
  }

  /** Ticket for the bytes of one SSH connection. */
  public Ticket openSsh(SshRequest request) {
    return call(QUICK, node -> node.openSsh(request));
  }

  /** The ports that something listens on. */
  public PortList listeningPorts(WorkloadRef request) {
    return call(QUICK, node -> node.listeningPorts(request));
  }

  /** What the workload has used. */
  public Measurement measure(WorkloadRef request) {
    return call(QUICK, node -> node.measure(request));
  }

  /** Freezes a directory into an immutable release. */
  public Release freezeRelease(FreezeReleaseRequest request) {
    return call(LONG, node -> node.freezeRelease(request));
  }

  /** Makes the files of a release readable for the edge. */
  public Release exportStatic(ExportStaticRequest request) {
    return call(LONG, node -> node.exportStatic(request));
  }

  /** Drops a release. Idempotent. */
  public Empty dropRelease(ReleaseRef request) {
    return call(SLOW, node -> node.dropRelease(request));
  }

  /** Every release of the node. */
  public ReleaseList listReleases(ListRequest request) {
    return call(QUICK, node -> node.listReleases(request));
  }

  /** Starts a supervised process from a release. Idempotent by instance id. */
  public Instance startInstance(InstanceSpec request) {
    return call(START, node -> node.startInstance(request));
  }

  /** Stops an instance. Idempotent. */
  public Empty stopInstance(InstanceRef request) {
    return call(START, node -> node.stopInstance(request));
  }

  /** One instance as it is now. */
  public Instance getInstance(InstanceRef request) {
    return call(QUICK, node -> node.getInstance(request));
  }

  /** Every instance of the node. */
  public InstanceList listInstances(ListRequest request) {
    return call(QUICK, node -> node.listInstances(request));
  }

  /** The last lines of an instance's output. */
  public TailReply instanceLogs(TailInstanceRequest request) {
    return call(QUICK, node -> node.instanceLogs(request));
  }

  /** A part of an instance's output, after a cursor. */
  public InstanceLogPage readInstanceLog(InstanceLogRequest request) {
    return call(QUICK, node -> node.readInstanceLog(request));
  }

  /** Keeps the files of a workload as they are. Idempotent by snapshot id. */
  public Snapshot takeSnapshot(TakeSnapshotRequest request) {
    return call(SLOW, node -> node.takeSnapshot(request));
  }

  /** Drops a snapshot. Idempotent. */
  public Empty dropSnapshot(SnapshotRef request) {
    return call(SLOW, node -> node.dropSnapshot(request));
  }

  /** Every snapshot of the node. */
  public SnapshotList listSnapshots(ListRequest request) {
    return call(QUICK, node -> node.listSnapshots(request));
  }

  /**
   * Puts a snapshot into the archive. Idempotent.
   *
   * @param progress hears once a second or so how far it is; what it throws calls the work off
   */
  public ArchiveProgress archiveSnapshot(
      ArchiveSnapshotRequest request, Consumer<ArchiveProgress> progress) {
    return follow(node -> node.archiveSnapshot(request), progress);
  }

  /** Brings an archived snapshot back to the node. Idempotent; progress as for archiving. */
  public ArchiveProgress restoreSnapshot(
      RestoreSnapshotRequest request, Consumer<ArchiveProgress> progress) {
    return follow(node -> node.restoreSnapshot(request), progress);
  }

  /** Drops the files of an archived snapshot from the node. Idempotent. */
  public Empty evictSnapshot(ArchivedSnapshot request) {
    return call(SLOW, node -> node.evictSnapshot(request));
  }

  /** Removes a snapshot from the archive. Idempotent. */
  public Empty deleteArchived(ArchivedSnapshot request) {
    return call(SLOW, node -> node.deleteArchived(request));
  }

  private ArchiveProgress follow(
      Function<NodeGrpc.NodeBlockingStub, Iterator<ArchiveProgress>> call,
      Consumer<ArchiveProgress> progress) {
    if (!channel.awaitReady(RECONNECT)) {
      throw NodeErrors.restarting();
    }
    Context.CancellableContext work = Context.current().withCancellation();
    Context before = work.attach();
    try {
      Iterator<ArchiveProgress> messages = call.apply(stub);
      while (messages.hasNext()) {
        ArchiveProgress message = messages.next();
        if (message.getFinished()) {
          return message;
        }
        progress.accept(message);
      }
      throw NodeErrors.restarting();
    } catch (StatusRuntimeException refused) {
      throw NodeErrors.translate(refused);
    } finally {
      work.detachAndCancel(before, null);
    }
  }

  /** A new workload from a snapshot. */
  public Workload forkSnapshot(ForkRequest request) {
    return call(START, node -> node.forkSnapshot(request));
  }

  /** The entries of a folder in a snapshot. */
  public DirectoryReply listSnapshotFolder(SnapshotPathRequest request) {
    return call(SLOW, node -> node.listSnapshotFolder(request));
  }

  /** Ticket for the bytes of a file in a snapshot, or of a folder as tar. */
  public OpenReadReply openSnapshotFile(SnapshotPathRequest request) {
    return call(SLOW, node -> node.openSnapshotFile(request));
  }

  /** The templates and whether they are built. */
  public TemplateList listTemplates(ListRequest request) {
    return call(QUICK, node -> node.listTemplates(request));
  }

  /** Begins to build an image. Idempotent by id. */
  public TemplateBuild startTemplateBuild(TemplateBuildRequest request) {
    return call(QUICK, node -> node.startTemplateBuild(request));
  }

  /** Every build that the node knows. */
  public TemplateBuildList listTemplateBuilds(ListRequest request) {
    return call(QUICK, node -> node.listTemplateBuilds(request));
  }

  /** What a build said; waits for more as long as the request says. */
  public TemplateBuildLog readTemplateBuildLog(TemplateBuildLogRequest request) {
    Duration deadline = Duration.ofMillis(request.getWaitMs()).plus(GRACE);
    return call(deadline, node -> node.readTemplateBuildLog(request));
  }

  /** Calls a build off and gives its image up. Idempotent. */
  public Empty dropTemplateBuild(TemplateBuildRef request) {
    return call(QUICK, node -> node.dropTemplateBuild(request));
  }

  /** A new, empty volume. Idempotent. */
  public Volume createVolume(VolumeSpec request) {
    return call(QUICK, node -> node.createVolume(request));
  }

  /** A new volume with the files of another. Idempotent. */
  public Volume copyVolume(CopyVolumeRequest request) {
    return call(START, node -> node.copyVolume(request));
  }

  /** Lets a volume hold more. */
  public Volume growVolume(VolumeSpec request) {
    return call(QUICK, node -> node.growVolume(request));
  }

  /** One volume, with what it holds. */
  public Volume getVolume(VolumeRef request) {
    return call(QUICK, node -> node.getVolume(request));
  }

  /** Every volume of the node. */
  public VolumeList listVolumes(ListRequest request) {
    return call(QUICK, node -> node.listVolumes(request));
  }

  /** Drops a volume that no workload has. Idempotent. */
  public Empty dropVolume(VolumeRef request) {
    return call(START, node -> node.dropVolume(request));
  }

  /** Gives a volume to a workload. Idempotent. */
  public Workload attachVolume(AttachVolumeRequest request) {
    return call(START, node -> node.attachVolume(request));
  }

  /** Takes a volume from a workload. Idempotent. */
  public Workload detachVolume(DetachVolumeRequest request) {
    return call(START, node -> node.detachVolume(request));
  }

  /**
   * Runs a command to completion.
   *
   * @param request whose command names its own time-out; the call waits a little longer than that
   */
  public RunReply run(RunRequest request) {
    Duration deadline = Duration.ofMillis(request.getCommand().getTimeoutMs()).plus(GRACE);
    return call(deadline, node -> node.run(request));
  }

  /** Redeems a ticket: the raw bytes that a call has made ready. */
  public NodeStream redeem(Ticket ticket) {
    return NodeStream.redeem(streams, ticket.getToken());
  }

  /** Events of the node from now on, until the connection ends; iterating may throw. */
  Iterator<NodeEvent> watch() {
    if (!channel.awaitReady(RECONNECT)) {
      throw NodeErrors.restarting();
    }
    return stub.watch(WatchRequest.getDefaultInstance());
  }

  /**
   * Waits for a node that restarts rather than fail, but only before the request is sent, so that
   * nothing is done twice. The connection seen may be that of a node that has ended since: what
   * could not be written to it is sent over the next one.
   */
  private <T> T call(Duration deadline, Function<NodeGrpc.NodeBlockingStub, T> call) {
    long end = System.nanoTime() + RECONNECT.toNanos();
    CallProgress progress;
    do {
      if (!channel.awaitReady(Duration.ofNanos(end - System.nanoTime()))) {
        throw NodeErrors.restarting();
      }
      progress = new CallProgress();
      try {
        return call.apply(
            stub.withInterceptors(progress)
                .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS));
      } catch (StatusRuntimeException refused) {
        if (progress.answered() || refused.getStatus().getCode() != Status.Code.UNAVAILABLE) {
          throw NodeErrors.translate(refused);
        }
      }
    } while (!progress.sent() && System.nanoTime() - end < 0);
    throw NodeErrors.restarting();
  }

  @Override
  public void close() {
    channel.close();
  }
}
