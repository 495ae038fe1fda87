package com.atoll.node;

import com.atoll.node.archive.SnapshotArchive;
import com.atoll.node.backup.Holds;
import com.atoll.node.builds.BuildService;
import com.atoll.node.builds.Builds;
import com.atoll.node.cgroups.Cgroups;
import com.atoll.node.cgroups.HostCgroups;
import com.atoll.node.devices.Inventory;
import com.atoll.node.images.Images;
import com.atoll.node.images.LocalImages;
import com.atoll.node.instances.InstanceRecord;
import com.atoll.node.instances.Instances;
import com.atoll.node.memories.MemoryImages;
import com.atoll.node.network.NetworkPool;
import com.atoll.node.network.RoutedNetworkPool;
import com.atoll.node.records.RecordFolder;
import com.atoll.node.records.Standstill;
import com.atoll.node.registries.Registries;
import com.atoll.node.releases.ReleaseRecord;
import com.atoll.node.releases.Releases;
import com.atoll.node.runtime.Isolations;
import com.atoll.node.runtime.Machines;
import com.atoll.node.runtime.Spawn;
import com.atoll.node.runtime.SpawnProcess;
import com.atoll.node.service.CallServer;
import com.atoll.node.service.Forwards;
import com.atoll.node.service.NodeServer;
import com.atoll.node.service.NodeService;
import com.atoll.node.snapshots.SnapshotFiles;
import com.atoll.node.snapshots.SnapshotRecord;
import com.atoll.node.snapshots.Snapshots;
import com.atoll.node.streams.StreamServer;
import com.atoll.node.streams.Tickets;
import com.atoll.node.trees.TreeStore;
import com.atoll.node.trees.Trees;
import com.atoll.node.volumes.VolumeRecord;
import com.atoll.node.volumes.Volumes;
import com.atoll.node.workloads.Host;
import com.atoll.node.workloads.WorkloadRecord;
import com.atoll.node.workloads.Workloads;
import com.atoll.platform.Installation;
import com.atoll.platform.IsolationPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The parts of a node, put together in the order in which they need each other. */
final class Node implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Node.class.getName());

  private final NetworkPool network;
  private final Images images;
  private final SpawnProcess spawn;
  private final Workloads workloads;
  private final Builds builds;
  private final StreamServer streams;
  private final NodeServer server;
  private final CallServer calls;

  private Node(
      NetworkPool network,
      Images images,
      SpawnProcess spawn,
      Workloads workloads,
      Builds builds,
      StreamServer streams,
      NodeServer server,
      CallServer calls) {
    this.network = network;
    this.images = images;
    this.spawn = spawn;
    this.workloads = workloads;
    this.builds = builds;
    this.streams = streams;
    this.server = server;
    this.calls = calls;
  }

  /** Takes over what an earlier process left, then answers the sockets. */
  static Node open(Installation installation) throws IOException {
    InstantSource clock = InstantSource.system();
    Path run = installation.run();
    Path kept = installation.home().resolve("node");
    Standstill standstill = new Standstill();
    RecordFolder<WorkloadRecord> records =
        new RecordFolder<>(kept.resolve("workloads"), WorkloadRecord.class, standstill);

    Cgroups cgroups = HostCgroups.open(installation);
    TreeStore trees = Trees.open(installation, standstill);
    Images images = LocalImages.open(installation, trees::find, standstill);
    NetworkPool network =
        RoutedNetworkPool.open(installation, Workloads.liveSlots(records.all(), cgroups));
    SpawnProcess spawn = new SpawnProcess(installation.dist().resolve("bin/spawn"), run);
    Machines machines =
        new Machines(
            run,
            installation.dist().resolve("bin"),
            new Spawn(SpawnProcess.socket(run)),
            installation.isolationPolicy(),
            cgroups,
            clock,
            installation.keepsSpareShell());
    Volumes volumes =
        new Volumes(
            trees, new RecordFolder<>(kept.resolve("volumes"), VolumeRecord.class, standstill));
    volumes.open();
    Isolations isolations =
        new Isolations(installation.isolationPolicy(), run, installation.dist().resolve("bin"));
    MemoryImages memories =
        new MemoryImages(kept.resolve("memories"), program(installation.isolationPolicy()));
    memories.open();
    Host host =
        new Host(
            trees,
            images,
            network,
            cgroups,
            machines,
            isolations,
            volumes,
            memories,
            new Inventory(),
            run.resolve("views"),
            clock);

    Releases releases =
        new Releases(
            trees,
            images,
            new RecordFolder<>(kept.resolve("releases"), ReleaseRecord.class, standstill),
            installation.exports(),
            run.resolve("views"),
            installation.gid());
    releases.open();
    Registries registries = Registries.of(installation);
    BuildService building =
        new BuildService(trees, images, kept.resolve("builds"), clock, registries, standstill);
    Workloads workloads =
        new Workloads(host, records, installation.warmPool(), installation.mostWarm());
    Snapshots snapshots =
        new Snapshots(
            trees,
            memories,
            new RecordFolder<>(kept.resolve("snapshots"), SnapshotRecord.class, standstill),
            new RecordFolder<>(kept.resolve("snapshots-away"), SnapshotRecord.class, standstill),
            clock);
    snapshots.open();
    Set<String> keptTrees = new HashSet<>(releases.trees());
    keptTrees.addAll(snapshots.trees());
    keptTrees.addAll(building.trees());
    keptTrees.addAll(volumes.trees());
    workloads.open(keptTrees, snapshots.memories());
    Builds builds = building.open(workloads, () -> usedImages(workloads, releases, snapshots));
    images.retain(usedImages(workloads, releases, snapshots));
    Path instanceFolder = kept.resolve("instances");
    Instances instances =
        new Instances(
            workloads,
            releases,
            new RecordFolder<>(instanceFolder, InstanceRecord.class, standstill),
            instanceFolder,
            clock);

    Tickets tickets = new Tickets(clock);
    Set<Long> commanders = Set.of(0L, (long) installation.serverUid());
    // The edge faces the internet: it gets bytes to ports, and no calls.
    Set<Long> peers = new HashSet<>(commanders);
    peers.add((long) installation.edgeUid());
    StreamServer streams =
        new StreamServer(
            installation.streamsSocket(),
            installation.gid(),
            peers,
            tickets,
            new Forwards(workloads));
    NodeService service =
        new NodeService(
            host,
            workloads,
            releases,
            instances,
            builds,
            building.uploads(),
            snapshots,
            new SnapshotFiles(snapshots, trees, images, run.resolve("views")),
            new SnapshotArchive(
                installation.snapshotArchive(),
                installation.home().resolve("snapshot-archive.json"),
                trees,
                snapshots,
                images),
            tickets,
            new Holds(trees, installation.home(), standstill),
            installation.id());
    instances.open();
    streams.start();
    NodeServer server =
        new NodeServer(installation.nodeSocket(), installation.gid(), commanders, service);
    CallServer calls =
        new CallServer(installation.callsSocket(), installation.gid(), commanders, service);
    calls.start();
    LOG.info("the node answers");
    return new Node(network, images, spawn, workloads, builds, streams, server, calls);
  }

  /** What writes and reads the memory of machines: the folder of its program names its version. */
  private static String program(IsolationPolicy policy) {
    Path runsc = policy.runsc();
    Path folder = runsc == null ? null : runsc.toAbsolutePath().getParent();
    return folder == null ? "none" : String.valueOf(folder.getFileName());
  }

  private static Set<String> usedImages(
      Workloads workloads, Releases releases, Snapshots snapshots) {
    Set<String> used = new HashSet<>(workloads.images());
    used.addAll(snapshots.images());
    used.addAll(releases.images());
    return used;
  }

  /** Stops answering. Everything that runs goes on. */
  @Override
  public void close() {
    calls.close();
    server.close();
    try {
      streams.close();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "the stream socket did not close", e);
    }
    builds.close();
    workloads.close();
    spawn.close();
    images.close();
    network.close(false);
  }
}
