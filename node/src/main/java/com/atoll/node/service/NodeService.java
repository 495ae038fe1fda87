package com.atoll.node.service;

import com.atoll.node.archive.SnapshotArchive;
import com.atoll.node.backup.Holds;
import com.atoll.node.builds.Builds;
import com.atoll.node.instances.Instances;
import com.atoll.node.releases.Releases;
import com.atoll.node.snapshots.SnapshotFiles;
import com.atoll.node.snapshots.Snapshots;
import com.atoll.node.streams.Tickets;
import com.atoll.node.v1.ArchiveProgress;
import com.atoll.node.v1.ArchiveSnapshotRequest;
import com.atoll.node.v1.ArchivedSnapshot;
import com.atoll.node.v1.AttachVolumeRequest;
import com.atoll.node.v1.ChangeModeRequest;
import com.atoll.node.v1.ClaimRequest;
import com.atoll.node.v1.CopyVolumeRequest;
import com.atoll.node.v1.DescribeRequest;
import com.atoll.node.v1.DetachVolumeRequest;
import com.atoll.node.v1.DirectoryReply;
import com.atoll.node.v1.Empty;
import com.atoll.node.v1.ExportStaticRequest;
import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.ForkRequest;
import com.atoll.node.v1.ForwardRequest;
import com.atoll.node.v1.FreezeReleaseRequest;
import com.atoll.node.v1.HoldReply;
import com.atoll.node.v1.HoldRequest;
import com.atoll.node.v1.InputRequest;
import com.atoll.node.v1.Instance;
import com.atoll.node.v1.InstanceList;
import com.atoll.node.v1.InstanceLogPage;
import com.atoll.node.v1.InstanceLogRequest;
import com.atoll.node.v1.InstanceRef;
import com.atoll.node.v1.InstanceSpec;
import com.atoll.node.v1.ListDirectoryRequest;
import com.atoll.node.v1.ListReply;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.MakeDirectoryRequest;
import com.atoll.node.v1.Measurement;
import com.atoll.node.v1.MoveRequest;
import com.atoll.node.v1.NodeDescription;
import com.atoll.node.v1.NodeEvent;
import com.atoll.node.v1.NodeGrpc;
import com.atoll.node.v1.OpenArchiveRequest;
import com.atoll.node.v1.OpenReadReply;
import com.atoll.node.v1.OpenReadRequest;
import com.atoll.node.v1.OpenUnpackRequest;
import com.atoll.node.v1.OpenWatchRequest;
import com.atoll.node.v1.OpenWriteRequest;
import com.atoll.node.v1.PathRequest;
import com.atoll.node.v1.PauseRequest;
import com.atoll.node.v1.PortList;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.ProcessList;
import com.atoll.node.v1.ProcessRef;
import com.atoll.node.v1.ReadSmallReply;
import com.atoll.node.v1.ReadSmallRequest;
import com.atoll.node.v1.RecordsRequest;
import com.atoll.node.v1.Release;
import com.atoll.node.v1.ReleaseList;
import com.atoll.node.v1.ReleaseRef;
import com.atoll.node.v1.RemoveRequest;
import com.atoll.node.v1.ResizeRequest;
import com.atoll.node.v1.RestoreSnapshotRequest;
import com.atoll.node.v1.RunReply;
import com.atoll.node.v1.RunRequest;
import com.atoll.node.v1.SearchReply;
import com.atoll.node.v1.SearchRequest;
import com.atoll.node.v1.SignalRequest;
import com.atoll.node.v1.Snapshot;
import com.atoll.node.v1.SnapshotList;
import com.atoll.node.v1.SnapshotPathRequest;
import com.atoll.node.v1.SnapshotRef;
import com.atoll.node.v1.SshRequest;
import com.atoll.node.v1.StartRequest;
import com.atoll.node.v1.TailInstanceRequest;
import com.atoll.node.v1.TailReply;
import com.atoll.node.v1.TailRequest;
import com.atoll.node.v1.TakeSnapshotRequest;
import com.atoll.node.v1.TemplateBuild;
import com.atoll.node.v1.TemplateBuildList;
import com.atoll.node.v1.TemplateBuildLog;
import com.atoll.node.v1.TemplateBuildLogRequest;
import com.atoll.node.v1.TemplateBuildRef;
import com.atoll.node.v1.TemplateBuildRequest;
import com.atoll.node.v1.TemplateList;
import com.atoll.node.v1.Ticket;
import com.atoll.node.v1.UpdateRequest;
import com.atoll.node.v1.Volume;
import com.atoll.node.v1.VolumeList;
import com.atoll.node.v1.VolumeRef;
import com.atoll.node.v1.VolumeSpec;
import com.atoll.node.v1.WatchRequest;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.node.v1.WriteSmallRequest;
import com.atoll.node.workloads.Host;
import com.atoll.node.workloads.Workloads;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** Every call of {@code node.proto}, each handed to those who know. */
public final class NodeService extends NodeGrpc.NodeImplBase {
  private final WorkloadCalls workloads;
  private final ProcessCalls processes;
  private final FileCalls files;
  private final StreamCalls streams;
  private final ReleaseCalls releases;
  private final InstanceCalls instances;
  private final BuildCalls builds;
  private final MachineCalls machine;
  private final VolumeCalls volumes;
  private final SnapshotCalls snapshots;
  private final ArchiveCalls archive;
  private final BackupCalls backups;
  private final WatchCalls watch = new WatchCalls();

  /** The calls over these parts of the node. */
  public NodeService(
      Host host,
      Workloads workloads,
      Releases releases,
      Instances instances,
      Builds builds,
      Snapshots snapshots,
      SnapshotFiles snapshotFiles,
      SnapshotArchive archive,
      Tickets tickets,
      Holds holds,
      String nodeId) {
    this.backups = new BackupCalls(holds);
    this.workloads = new WorkloadCalls(workloads, host.clock());
    this.processes = new ProcessCalls(workloads);
    this.files = new FileCalls(workloads);
    this.streams = new StreamCalls(workloads, tickets);
    this.releases = new ReleaseCalls(workloads, releases, instances);
    this.instances = new InstanceCalls(instances);
    this.builds = new BuildCalls(builds, host.images());
    this.machine = new MachineCalls(workloads, host, nodeId);
    this.volumes = new VolumeCalls(host.volumes(), workloads.volumes());
    this.snapshots = new SnapshotCalls(workloads, snapshots, snapshotFiles, tickets, host.clock());
    this.archive = new ArchiveCalls(archive);
    Events events = new Events(watch, machine, host.clock());
    workloads.watchers().add(events::workload);
    instances.watchers().add(events::instance);
    host.images().listen(events::template);
    builds.watchers().add(build -> events.build(this.builds.reply(build)));
  }

  @Override
  public StreamObserver<HoldRequest> hold(StreamObserver<HoldReply> caller) {
    return backups.hold((ServerCallStreamObserver<HoldReply>) caller);
  }

  @Override
  public void describe(DescribeRequest request, StreamObserver<NodeDescription> caller) {
    Answer.to(caller, () -> machine.describe());
  }

  @Override
  public void claim(ClaimRequest request, StreamObserver<Workload> caller) {
    Answer.to(caller, () -> workloads.claim(request));
  }

  @Override
  public void confirm(WorkloadRef request, StreamObserver<Workload> caller) {
    Answer.to(caller, () -> workloads.confirm(request));
  }

  @Override
  public void destroy(WorkloadRef request, StreamObserver<Empty> caller) {
    Answer.to(caller, () -> workloads.destroy(request));
  }

  @Override
  public void get(WorkloadRef request, StreamObserver<Workload> caller) {
    Answer.to(caller, () -> workloads.get(request));
  }

  @Override
  public void list(ListRequest request, StreamObserver<ListReply> caller) {
    Answer.to(caller, () -> workloads.list());
  }

  @Override
  public void pause(PauseRequest request, StreamObserver<Workload> caller) {
    Answer.to(caller, () -> workloads.pause(request));
  }

  @Override
  public void resume(WorkloadRef request, StreamObserver<Workload> caller) {
    Answer.to(caller, () -> workloads.resume(request));
  }

  @Override
  public void update(UpdateRequest request, StreamObserver<Workload> caller) {
    Answer.to(caller, () -> workloads.update(request));
  }

  @Override
  public void fork(ForkRequest request, StreamObserver<Workload> caller) {
    Answer.to(caller, () -> workloads.fork(request));
  }

  @Override
  public void run(RunRequest request, StreamObserver<RunReply> caller) {
    Answer.to(caller, () -> Cancellation.ends(() -> processes.run(request)));
  }

  @Override
  public void start(StartRequest request, StreamObserver<Process> caller) {
    Answer.to(caller, () -> processes.start(request));
  }

  @Override
  public void getProcess(ProcessRef request, StreamObserver<Process> caller) {
    Answer.to(caller, () -> processes.get(request));
  }

  @Override
  public void listProcesses(WorkloadRef request, StreamObserver<ProcessList> caller) {
    Answer.to(caller, () -> processes.list(request));
  }

  @Override
  public void openRecords(RecordsRequest request, StreamObserver<Ticket> caller) {
    Answer.to(caller, () -> streams.records(request));
  }

  @Override
  public void tailProcess(TailRequest request, StreamObserver<TailReply> caller) {
    Answer.to(caller, () -> processes.tail(request));
  }

  @Override
  public void writeInput(InputRequest request, StreamObserver<Empty> caller) {
    Answer.to(caller, () -> processes.writeInput(request));
  }

  @Override
  public void signal(SignalRequest request, StreamObserver<Empty> caller) {
    Answer.to(caller, () -> processes.signal(request));
  }

  @Override
  public void resizeTerminal(ResizeRequest request, StreamObserver<Empty> caller) {
    Answer.to(caller, () -> processes.resize(request));
  }

  @Override
  public void stat(PathRequest request, StreamObserver<FileInfo> caller) {
    Answer.to(caller, () -> files.stat(request));
  }

  @Override
  public void listDirectory(ListDirectoryRequest request, StreamObserver<DirectoryReply> caller) {
    Answer.to(caller, () -> files.list(request));
  }

  @Override
  public void makeDirectory(MakeDirectoryRequest request, StreamObserver<FileInfo> caller) {
    Answer.to(caller, () -> files.makeDirectory(request));
  }

  @Override
  public void remove(RemoveRequest request, StreamObserver<Empty> caller) {
    Answer.to(caller, () -> files.remove(request));
  }

  @Override
  public void move(MoveRequest request, StreamObserver<FileInfo> caller) {
    Answer.to(caller, () -> files.move(request));
  }

  @Override
  public void copy(MoveRequest request, StreamObserver<FileInfo> caller) {
    Answer.to(caller, () -> files.copy(request));
  }

  @Override
  public void changeMode(ChangeModeRequest request, StreamObserver<FileInfo> caller) {
    Answer.to(caller, () -> files.changeMode(request));
  }

  @Override
  public void writeSmall(WriteSmallRequest request, StreamObserver<FileInfo> caller) {
    Answer.to(caller, () -> files.writeSmall(request));
  }

  @Override
  public void readSmall(ReadSmallRequest request, StreamObserver<ReadSmallReply> caller) {
    Answer.to(caller, () -> files.readSmall(request));
  }

  @Override
  public void openRead(OpenReadRequest request, StreamObserver<OpenReadReply> caller) {
    Answer.to(caller, () -> streams.read(request));
  }

  @Override
  public void openWrite(OpenWriteRequest request, StreamObserver<Ticket> caller) {
    Answer.to(caller, () -> streams.write(request));
  }

  @Override
  public void openUnpack(OpenUnpackRequest request, StreamObserver<Ticket> caller) {
    Answer.to(caller, () -> streams.unpack(request));
  }

  @Override
  public void search(SearchRequest request, StreamObserver<SearchReply> caller) {
    Answer.to(caller, () -> files.search(request));
  }

  @Override
  public void openArchive(OpenArchiveRequest request, StreamObserver<Ticket> caller) {
    Answer.to(caller, () -> streams.archive(request));
  }

  @Override
  public void openWatch(OpenWatchRequest request, StreamObserver<Ticket> caller) {
    Answer.to(caller, () -> streams.watch(request));
  }

  @Override
  public void openForward(ForwardRequest request, StreamObserver<Ticket> caller) {
    Answer.to(caller, () -> streams.forward(request));
  }

  @Override
  public void openSsh(SshRequest request, StreamObserver<Ticket> caller) {
    Answer.to(caller, () -> streams.ssh(request));
  }

  @Override
  public void listeningPorts(WorkloadRef request, StreamObserver<PortList> caller) {
    Answer.to(caller, () -> streams.ports(request));
  }

  @Override
  public void measure(WorkloadRef request, StreamObserver<Measurement> caller) {
    Answer.to(caller, () -> machine.measure(request));
  }

  @Override
  public void freezeRelease(FreezeReleaseRequest request, StreamObserver<Release> caller) {
    Answer.to(caller, () -> releases.freeze(request));
  }

  @Override
  public void exportStatic(ExportStaticRequest request, StreamObserver<Release> caller) {
    Answer.to(caller, () -> releases.export(request));
  }

  @Override
  public void dropRelease(ReleaseRef request, StreamObserver<Empty> caller) {
    Answer.to(caller, () -> releases.drop(request));
  }

  @Override
  public void listReleases(ListRequest request, StreamObserver<ReleaseList> caller) {
    Answer.to(caller, () -> releases.list());
  }

  @Override
  public void startInstance(InstanceSpec request, StreamObserver<Instance> caller) {
    Answer.to(caller, () -> instances.start(request));
  }

  @Override
  public void stopInstance(InstanceRef request, StreamObserver<Empty> caller) {
    Answer.to(caller, () -> instances.stop(request));
  }

  @Override
  public void getInstance(InstanceRef request, StreamObserver<Instance> caller) {
    Answer.to(caller, () -> instances.get(request));
  }

  @Override
  public void listInstances(ListRequest request, StreamObserver<InstanceList> caller) {
    Answer.to(caller, () -> instances.list());
  }

  @Override
  public void instanceLogs(TailInstanceRequest request, StreamObserver<TailReply> caller) {
    Answer.to(caller, () -> instances.logs(request));
  }

  @Override
  public void readInstanceLog(InstanceLogRequest request, StreamObserver<InstanceLogPage> caller) {
    Answer.to(caller, () -> instances.read(request));
  }

  @Override
  public void listTemplates(ListRequest request, StreamObserver<TemplateList> caller) {
    Answer.to(caller, () -> machine.templates());
  }

  @Override
  public void startTemplateBuild(
      TemplateBuildRequest request, StreamObserver<TemplateBuild> caller) {
    Answer.to(caller, () -> builds.start(request));
  }

  @Override
  public void getTemplateBuild(TemplateBuildRef request, StreamObserver<TemplateBuild> caller) {
    Answer.to(caller, () -> builds.get(request));
  }

  @Override
  public void listTemplateBuilds(ListRequest request, StreamObserver<TemplateBuildList> caller) {
    Answer.to(caller, () -> builds.list());
  }

  @Override
  public void readTemplateBuildLog(
      TemplateBuildLogRequest request, StreamObserver<TemplateBuildLog> caller) {
    Answer.to(caller, () -> builds.log(request));
  }

  @Override
  public void dropTemplateBuild(TemplateBuildRef request, StreamObserver<Empty> caller) {
    Answer.to(caller, () -> builds.drop(request));
  }

  @Override
  public void createVolume(VolumeSpec request, StreamObserver<Volume> caller) {
    Answer.to(caller, () -> volumes.create(request));
  }

  @Override
  public void copyVolume(CopyVolumeRequest request, StreamObserver<Volume> caller) {
    Answer.to(caller, () -> volumes.copy(request));
  }

  @Override
  public void growVolume(VolumeSpec request, StreamObserver<Volume> caller) {
    Answer.to(caller, () -> volumes.grow(request));
  }

  @Override
  public void getVolume(VolumeRef request, StreamObserver<Volume> caller) {
    Answer.to(caller, () -> volumes.get(request));
  }

  @Override
  public void listVolumes(ListRequest request, StreamObserver<VolumeList> caller) {
    Answer.to(caller, () -> volumes.list());
  }

  @Override
  public void dropVolume(VolumeRef request, StreamObserver<Empty> caller) {
    Answer.to(caller, () -> volumes.drop(request));
  }

  @Override
  public void attachVolume(AttachVolumeRequest request, StreamObserver<Workload> caller) {
    Answer.to(caller, () -> volumes.attach(request));
  }

  @Override
  public void detachVolume(DetachVolumeRequest request, StreamObserver<Workload> caller) {
    Answer.to(caller, () -> volumes.detach(request));
  }

  @Override
  public void takeSnapshot(TakeSnapshotRequest request, StreamObserver<Snapshot> caller) {
    Answer.to(caller, () -> snapshots.take(request));
  }

  @Override
  public void dropSnapshot(SnapshotRef request, StreamObserver<Empty> caller) {
    Answer.to(caller, () -> snapshots.drop(request));
  }

  @Override
  public void listSnapshots(ListRequest request, StreamObserver<SnapshotList> caller) {
    Answer.to(caller, () -> snapshots.list());
  }

  @Override
  public void forkSnapshot(ForkRequest request, StreamObserver<Workload> caller) {
    Answer.to(caller, () -> snapshots.fork(request));
  }

  @Override
  public void archiveSnapshot(
      ArchiveSnapshotRequest request, StreamObserver<ArchiveProgress> caller) {
    archive.archive(request, caller);
  }

  @Override
  public void restoreSnapshot(
      RestoreSnapshotRequest request, StreamObserver<ArchiveProgress> caller) {
    archive.restore(request, caller);
  }

  @Override
  public void evictSnapshot(ArchivedSnapshot request, StreamObserver<Empty> caller) {
    Answer.to(caller, () -> archive.evict(request));
  }

  @Override
  public void deleteArchived(ArchivedSnapshot request, StreamObserver<Empty> caller) {
    Answer.to(caller, () -> archive.delete(request));
  }

  @Override
  public void listSnapshotFolder(
      SnapshotPathRequest request, StreamObserver<DirectoryReply> caller) {
    Answer.to(caller, () -> snapshots.folder(request));
  }

  @Override
  public void openSnapshotFile(SnapshotPathRequest request, StreamObserver<OpenReadReply> caller) {
    Answer.to(caller, () -> snapshots.open(request));
  }

  @Override
  public void watch(WatchRequest request, StreamObserver<NodeEvent> caller) {
    watch.watch(caller);
  }
}
