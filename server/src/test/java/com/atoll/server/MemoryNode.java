package com.atoll.server;

import com.atoll.node.v1.*;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.VolumeList;
import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A node that speaks the real protocol over a Unix socket and keeps everything in memory. A file
 * named {@code sick} in a release makes its instances unhealthy.
 */
final class MemoryNode extends NodeGrpc.NodeImplBase implements AutoCloseable {
  /** Files by workload, then by path. */
  final Map<String, Map<String, String>> files = new ConcurrentHashMap<>();

  /** Workloads that run. */
  final Map<String, Workload> workloads = new ConcurrentHashMap<>();

  /** What of the traffic of workloads was to be held back when they were claimed. */
  final Map<String, Guard> claimed = new ConcurrentHashMap<>();

  /** Variables that workloads were given after their claim. */
  final Map<String, Map<String, String>> variables = new ConcurrentHashMap<>();

  /** Volumes that exist. */
  final Map<String, Volume> volumes = new ConcurrentHashMap<>();

  /** Snapshots that exist. */
  final Map<String, Snapshot> snapshots = new ConcurrentHashMap<>();

  /** What the next snapshots are refused with; nothing when they are taken. */
  volatile Status refusal = Status.OK;

  /** Builds of templates: they stay in their first step until they are called off. */
  final Map<String, TemplateBuild> builds = new ConcurrentHashMap<>();

  /** Builds that were to be forgotten; they are listed nevertheless. */
  final List<String> droppedBuilds = new CopyOnWriteArrayList<>();

  /** Releases that exist. */
  final Map<String, Release> releases = new ConcurrentHashMap<>();

  /** Releases whose files are exported. */
  final Set<String> exports = ConcurrentHashMap.newKeySet();

  /** Instances, stopped ones too. */
  final Map<String, Instance> instances = new ConcurrentHashMap<>();

  /** Specifications of instances. */
  final Map<String, InstanceSpec> specs = new ConcurrentHashMap<>();

  /** Templates that are built. */
  final Set<String> built = ConcurrentHashMap.newKeySet();

  /** Shell lines that end with 1 until they are taken out. */
  final Set<String> failing = ConcurrentHashMap.newKeySet();

  /** Names of services that are refused when they are to be started. */
  final Set<String> unstartable = ConcurrentHashMap.newKeySet();

  /** Names of processes that were started, in that order. */
  final List<String> started = new CopyOnWriteArrayList<>();

  /** Commands of words that were run. */
  final List<CommandSpec> commands = new CopyOnWriteArrayList<>();

  /** Whether it does not answer those who ask whether it is there. */
  volatile boolean away;

  /** Whether commands of words do not come to their end in time. */
  volatile boolean slow;

  /** Sees each claim first, and may refuse it. */
  volatile Consumer<ClaimRequest> onClaim = _ -> {};

  /** Sees each command first that is to be run, and may refuse it. */
  volatile Consumer<RunRequest> onRun = _ -> {};

  /** Sees each process first that is to be started, and may refuse it. */
  volatile Consumer<StartRequest> onStart = _ -> {};

  /** Processes that were started. */
  final List<Process> processes = new CopyOnWriteArrayList<>();

  /** Sees each update after it has taken place, and may lose its answer. */
  volatile Consumer<UpdateRequest> onUpdate = _ -> {};

  /** What workloads have used, also those that are gone. */
  final Map<String, Measurement> measured = new ConcurrentHashMap<>();

  /** Shell lines that were run. */
  final List<String> ran = new CopyOnWriteArrayList<>();

  private final List<StreamObserver<NodeEvent>> watchers = new CopyOnWriteArrayList<>();
  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final Server server;
  private int address;
  private volatile Runnable onListed = () -> {};

  /** Listens on this socket. */
  MemoryNode(Path socket) throws IOException {
    Files.deleteIfExists(socket);
    server =
        NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .channelType(EpollServerDomainSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .addService(this)
            .build()
            .start();
  }

  private static <T> void answer(StreamObserver<T> caller, Supplier<T> work) {
    try {
      caller.onNext(work.get());
      caller.onCompleted();
    } catch (io.grpc.StatusRuntimeException refused) {
      caller.onError(refused);
    }
  }

  private static io.grpc.StatusRuntimeException missing(String what) {
    return Status.NOT_FOUND.withDescription(what).asRuntimeException();
  }

  @Override
  public void describe(DescribeRequest request, StreamObserver<NodeDescription> caller) {
    answer(
        caller,
        () -> {
          if (away) {
            throw Status.UNAVAILABLE.asRuntimeException();
          }
          return NodeDescription.newBuilder()
              .setNodeId("memory")
              .setCpus(8)
              .setMemoryTotalMb(64_000)
              .setMemoryAvailableMb(64_000)
              .setDiskTotalMb(900_000)
              .setDiskAvailableMb(900_000)
              .addIsolation("container")
              .setAutoIsolation("container")
              .build();
        });
  }

  @Override
  public void claim(ClaimRequest request, StreamObserver<Workload> caller) {
    answer(
        caller,
        () -> {
          onClaim.accept(request);
          return workloads.computeIfAbsent(
              request.getId(),
              id -> {
                files.put(id, new ConcurrentHashMap<>());
                claimed.put(id, request.getGuard());
                return Workload.newBuilder()
                    .setId(id)
                    .setIncarnation(1)
                    .setState(WorkloadState.RUNNING)
                    .setAddress("10.9.0." + ++address)
                    .setTemplateId(request.getTemplateId())
                    .setBootPath(BootPath.WARM_POOL)
                    .setConfirmed(true)
                    .setLimits(request.getLimits())
                    .addAllVolumes(request.getVolumesList())
                    .build();
              });
        });
  }

  @Override
  public void takeSnapshot(TakeSnapshotRequest request, StreamObserver<Snapshot> caller) {
    answer(
        caller,
        () -> {
          if (!refusal.isOk()) {
            throw refusal.asRuntimeException();
          }
          Workload taken = workload(request.getWorkloadId());
          return snapshots.computeIfAbsent(
              request.getSnapshotId(),
              id ->
                  Snapshot.newBuilder()
                      .setId(id)
                      .setTemplateId(taken.getTemplateId())
                      .setSizeBytes(4096)
                      .build());
        });
  }

  @Override
  public void dropSnapshot(SnapshotRef request, StreamObserver<Empty> caller) {
    snapshots.remove(request.getId());
    answer(caller, Empty::getDefaultInstance);
  }

  @Override
  public void listSnapshots(ListRequest request, StreamObserver<SnapshotList> caller) {
    answer(caller, () -> SnapshotList.newBuilder().addAllSnapshots(snapshots.values()).build());
  }

  @Override
  public void forkSnapshot(ForkRequest request, StreamObserver<Workload> caller) {
    if (snapshots.containsKey(request.getSourceId())) {
      claim(request.getClaim(), caller);
    } else {
      caller.onError(missing("snapshot " + request.getSourceId()));
    }
  }

  @Override
  public void fork(ForkRequest request, StreamObserver<Workload> caller) {
    if (workloads.containsKey(request.getSourceId())) {
      claim(request.getClaim(), caller);
    } else {
      caller.onError(missing("workload " + request.getSourceId()));
    }
  }

  private Workload workload(String id) {
    Workload workload = workloads.get(id);
    if (workload == null) {
      throw missing("workload " + id);
    }
    return workload;
  }

  @Override
  public void confirm(WorkloadRef request, StreamObserver<Workload> caller) {
    answer(caller, () -> workload(request.getId()));
  }

  @Override
  public void get(WorkloadRef request, StreamObserver<Workload> caller) {
    answer(caller, () -> workload(request.getId()));
  }

  @Override
  public void list(ListRequest request, StreamObserver<ListReply> caller) {
    answer(caller, () -> ListReply.newBuilder().addAllWorkloads(workloads.values()).build());
  }

  @Override
  public void destroy(WorkloadRef request, StreamObserver<Empty> caller) {
    workloads.remove(request.getId());
    answer(caller, Empty::getDefaultInstance);
  }

  @Override
  public void update(UpdateRequest request, StreamObserver<Workload> caller) {
    answer(
        caller,
        () -> {
          Workload now = limited(request.getId(), request.getLimits());
          onUpdate.accept(request);
          Map<String, String> env =
              variables.computeIfAbsent(request.getId(), _ -> new ConcurrentHashMap<>());
          env.putAll(request.getSetEnvMap());
          request.getUnsetEnvList().forEach(env::remove);
          return now;
        });
  }

  /** The workload with other limits; zero fields stay as they are. */
  Workload limited(String id, Limits limits) {
    Workload before = workload(id);
    Limits merged = before.getLimits().toBuilder().mergeFrom(limits).build();
    Workload now = before.toBuilder().setLimits(merged).build();
    workloads.put(id, now);
    return now;
  }

  @Override
  public void pause(PauseRequest request, StreamObserver<Workload> caller) {
    answer(caller, () -> moved(request.getId(), WorkloadState.PAUSED));
  }

  @Override
  public void resume(WorkloadRef request, StreamObserver<Workload> caller) {
    answer(caller, () -> moved(request.getId(), WorkloadState.RUNNING));
  }

  @Override
  public void measure(WorkloadRef request, StreamObserver<Measurement> caller) {
    answer(
        caller,
        () -> {
          Measurement found = measured.get(request.getId());
          if (found == null) {
            throw missing(request.getId());
          }
          return found;
        });
  }

  /** Its machine does so by itself, and has told nobody yet. */
  Workload moved(String id, WorkloadState state) {
    Workload now = workload(id).toBuilder().setState(state).build();
    workloads.put(id, now);
    return now;
  }

  @Override
  public void createVolume(VolumeSpec request, StreamObserver<Volume> caller) {
    answer(
        caller,
        () ->
            volumes.computeIfAbsent(
                request.getId(),
                id ->
                    Volume.newBuilder()
                        .setId(id)
                        .setSizeMb(request.getSizeMb())
                        .setShared(request.getShared())
                        .build()));
  }

  @Override
  public void getVolume(VolumeRef request, StreamObserver<Volume> caller) {
    answer(caller, () -> volumes.getOrDefault(request.getId(), Volume.getDefaultInstance()));
  }

  @Override
  public void dropVolume(VolumeRef request, StreamObserver<Empty> caller) {
    volumes.remove(request.getId());
    answer(caller, Empty::getDefaultInstance);
  }

  @Override
  public void attachVolume(AttachVolumeRequest request, StreamObserver<Workload> caller) {
    answer(
        caller,
        () -> {
          Workload after =
              workload(request.getWorkloadId()).toBuilder().addVolumes(request.getMount()).build();
          workloads.put(after.getId(), after);
          return after;
        });
  }

  @Override
  public void detachVolume(DetachVolumeRequest request, StreamObserver<Workload> caller) {
    answer(
        caller,
        () -> {
          Workload before = workload(request.getWorkloadId());
          Workload after =
              before.toBuilder()
                  .clearVolumes()
                  .addAllVolumes(
                      before.getVolumesList().stream()
                          .filter(mount -> !mount.getVolumeId().equals(request.getVolumeId()))
                          .toList())
                  .build();
          workloads.put(after.getId(), after);
          return after;
        });
  }

  @Override
  public void listVolumes(ListRequest request, StreamObserver<VolumeList> caller) {
    answer(caller, () -> VolumeList.newBuilder().addAllVolumes(volumes.values()).build());
  }

  @Override
  public void listTemplates(ListRequest request, StreamObserver<TemplateList> caller) {
    answer(
        caller,
        () ->
            TemplateList.newBuilder()
                .addAllTemplates(
                    built.stream()
                        .map(id -> Template.newBuilder().setId(id).setState("active").build())
                        .toList())
                .build());
  }

  @Override
  public void startTemplateBuild(
      TemplateBuildRequest request, StreamObserver<TemplateBuild> caller) {
    answer(caller, () -> at(request.getId(), "building"));
  }

  @Override
  public void cancelTemplateBuild(TemplateBuildRef request, StreamObserver<TemplateBuild> caller) {
    answer(caller, () -> at(request.getId(), "cancelled"));
  }

  @Override
  public void dropTemplateBuild(TemplateBuildRef request, StreamObserver<Empty> caller) {
    droppedBuilds.add(request.getId());
    answer(caller, Empty::getDefaultInstance);
  }

  @Override
  public void listTemplateBuilds(ListRequest request, StreamObserver<TemplateBuildList> caller) {
    answer(caller, () -> TemplateBuildList.newBuilder().addAllBuilds(builds.values()).build());
  }

  private TemplateBuild at(String id, String state) {
    TemplateBuildEvent event =
        TemplateBuildEvent.newBuilder().setState(state).setAtUnixMs(1_700_000_000_000L).build();
    TemplateBuild build =
        TemplateBuild.newBuilder().setId(id).setState(state).addEvents(event).build();
    builds.put(id, build);
    return build;
  }

  @Override
  public void run(RunRequest request, StreamObserver<RunReply> caller) {
    String shell = request.getCommand().getShell();
    boolean words = request.getCommand().getWordsCount() > 0;
    if (words) {
      commands.add(request.getCommand());
    } else {
      ran.add(shell);
    }
    int code = failing.contains(shell) ? 1 : shell.endsWith("exit 3") ? 3 : 0;
    answer(
        caller,
        () -> {
          onRun.accept(request);
          return RunReply.newBuilder()
              .setStdout(ByteString.copyFromUtf8("built\n"))
              .setExitCode(words && slow ? 137 : code)
              .setTimedOut(words && slow)
              .build();
        });
  }

  @Override
  public void start(StartRequest request, StreamObserver<Process> caller) {
    answer(
        caller,
        () -> {
          onStart.accept(request);
          if (unstartable.contains(request.getName().replaceFirst("^service:", ""))) {
            throw Status.INVALID_ARGUMENT
                .withDescription("the command is too long")
                .asRuntimeException();
          }
          started.add(request.getName());
          Process process =
              Process.newBuilder()
                  .setWorkloadId(request.getWorkloadId())
                  .setName(request.getName())
                  .setPid(started.size() + 1)
                  .setState(ProcessState.PROCESS_RUNNING)
                  .build();
          processes.add(process);
          return process;
        });
  }

  @Override
  public void listProcesses(ListProcessesRequest request, StreamObserver<ProcessList> caller) {
    answer(
        caller,
        () ->
            ProcessList.newBuilder()
                .addAllProcesses(
                    processes.stream()
                        .filter(process -> process.getWorkloadId().equals(request.getWorkloadId()))
                        .toList())
                .build());
  }

  @Override
  public void getProcess(ProcessRef request, StreamObserver<Process> caller) {
    answer(
        caller,
        () ->
            processes.stream()
                .filter(process -> process.getPid() == request.getPid())
                .findFirst()
                .orElseThrow(() -> missing("process " + request.getPid())));
  }

  @Override
  public void signal(SignalRequest request, StreamObserver<Empty> caller) {
    processes.replaceAll(process ->
        process.getPid() == request.getPid()
            ? process.toBuilder().setState(ProcessState.PROCESS_EXITED).build()
            : process);
    answer(caller, Empty::getDefaultInstance);
  }

  @Override
  public void listeningPorts(WorkloadRef request, StreamObserver<PortList> caller) {
    answer(caller, PortList::getDefaultInstance);
  }

  /** The files of a workload. */
  Map<String, String> filesOf(String workload) {
    return Objects.requireNonNull(files.get(workload));
  }

  private boolean isDirectory(String workload, String path) {
    return filesOf(workload).keySet().stream().anyMatch(name -> name.startsWith(path + "/"));
  }

  @Override
  public void stat(PathRequest request, StreamObserver<FileInfo> caller) {
    answer(
        caller,
        () -> {
          String path = request.getPath();
          boolean directory =
              path.equals("/workspace") || isDirectory(request.getWorkloadId(), path);
          if (!directory && !filesOf(request.getWorkloadId()).containsKey(path)) {
            Metadata code = new Metadata();
            code.put(
                Metadata.Key.of("atoll-code", Metadata.ASCII_STRING_MARSHALLER), "PATH_NOT_FOUND");
            throw Status.NOT_FOUND.withDescription(path).asRuntimeException(code);
          }
          return FileInfo.newBuilder()
              .setPath(path)
              .setType(directory ? FileType.DIRECTORY : FileType.FILE)
              .build();
        });
  }

  @Override
  public void listDirectory(ListDirectoryRequest request, StreamObserver<DirectoryReply> caller) {
    answer(caller, DirectoryReply::getDefaultInstance);
  }

  @Override
  public void readSmall(ReadSmallRequest request, StreamObserver<ReadSmallReply> caller) {
    answer(
        caller,
        () ->
            ReadSmallReply.newBuilder()
                .setContent(
                    ByteString.copyFromUtf8(
                        filesOf(request.getWorkloadId()).getOrDefault(request.getPath(), "")))
                .build());
  }

  @Override
  public void freezeRelease(FreezeReleaseRequest request, StreamObserver<Release> caller) {
    answer(
        caller,
        () -> {
          Map<String, String> content = filesOf(workload(request.getWorkloadId()).getId());
          return releases.computeIfAbsent(
              request.getReleaseId(),
              id ->
                  Release.newBuilder()
                      .setId(id)
                      .setSha256(Integer.toHexString(content.hashCode()))
                      .setFiles(content.size())
                      .setSizeBytes(content.values().stream().mapToInt(String::length).sum())
                      .addAllTopLevel(new ArrayList<>(content.keySet()))
                      .setTemplateId("miosa-sandbox")
                      .build());
        });
  }

  @Override
  public void exportStatic(ExportStaticRequest request, StreamObserver<Release> caller) {
    answer(
        caller,
        () -> {
          exports.add(request.getExportId());
          return releases.get(request.getReleaseId());
        });
  }

  @Override
  public void dropRelease(ReleaseRef request, StreamObserver<Empty> caller) {
    releases.remove(request.getId());
    exports.remove(request.getId());
    answer(caller, Empty::getDefaultInstance);
  }

  @Override
  public void listReleases(ListRequest request, StreamObserver<ReleaseList> caller) {
    answer(caller, () -> ReleaseList.newBuilder().addAllReleases(releases.values()).build());
  }

  /** Runs before each answer to who lists instances, which is made by then. */
  void onListed(Runnable action) {
    onListed = action;
  }

  @Override
  public void startInstance(InstanceSpec request, StreamObserver<Instance> caller) {
    answer(
        caller,
        () -> {
          Release release = releases.get(request.getReleaseId());
          if (release == null) {
            throw missing(request.getReleaseId());
          }
          specs.put(request.getId(), request);
          boolean sick = release.getTopLevelList().contains("/workspace/sick");
          Instance instance =
              Instance.newBuilder()
                  .setId(request.getId())
                  .setReleaseId(request.getReleaseId())
                  .setState(sick ? InstanceState.UNHEALTHY : InstanceState.HEALTHY)
                  .setRestarts(sick ? 3 : 0)
                  .setReason(sick ? "its command ended with 1" : "")
                  .setAddress("10.9.1." + ++address)
                  .setPort(request.getPort())
                  .setIncarnation(1)
                  .setStartedUnixMs(System.currentTimeMillis())
                  .build();
          Instance known = instances.get(request.getId());
          if (known == null || known.getState() == InstanceState.STOPPED) {
            instances.put(request.getId(), instance);
          }
          return instances.get(request.getId());
        });
  }

  @Override
  public void stopInstance(InstanceRef request, StreamObserver<Empty> caller) {
    instances.computeIfPresent(
        request.getId(), (id, i) -> i.toBuilder().setState(InstanceState.STOPPED).build());
    answer(caller, Empty::getDefaultInstance);
  }

  @Override
  public void getInstance(InstanceRef request, StreamObserver<Instance> caller) {
    answer(
        caller,
        () -> {
          Instance instance = instances.get(request.getId());
          if (instance == null) {
            throw missing(request.getId());
          }
          return instance;
        });
  }

  @Override
  public void listInstances(ListRequest request, StreamObserver<InstanceList> caller) {
    answer(
        caller,
        () -> {
          InstanceList list = InstanceList.newBuilder().addAllInstances(instances.values()).build();
          onListed.run();
          return list;
        });
  }

  @Override
  public void instanceLogs(TailInstanceRequest request, StreamObserver<TailReply> caller) {
    answer(
        caller,
        () ->
            TailReply.newBuilder()
                .setOutput(ByteString.copyFromUtf8("first line\nlast line\n"))
                .build());
  }

  /** The instance moved to another address, as after a restart of the machine. */
  void move(String id, String to) {
    Instance moved =
        Objects.requireNonNull(instances.get(id)).toBuilder()
            .setAddress(to)
            .setIncarnation(9)
            .build();
    instances.put(id, moved);
    watchers.forEach(w -> w.onNext(NodeEvent.newBuilder().setInstanceChanged(moved).build()));
  }

  /** Whether a server hears of what happens. */
  boolean watched() {
    return !watchers.isEmpty();
  }

  /** Tells what happened. */
  void tell(NodeEvent event) {
    watchers.forEach(w -> w.onNext(event));
  }

  @Override
  public void watch(WatchRequest request, StreamObserver<NodeEvent> caller) {
    watchers.add(caller);
  }

  @Override
  public void close() {
    server.shutdownNow();
    var _ = loop.shutdownGracefully();
  }
}
