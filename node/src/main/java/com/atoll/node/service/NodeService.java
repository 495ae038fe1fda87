package com.atoll.node.service;

import com.atoll.node.archive.SnapshotArchive;
import com.atoll.node.backup.Holds;
import com.atoll.node.builds.Builds;
import com.atoll.node.builds.Uploads;
import com.atoll.node.instances.Instances;
import com.atoll.node.releases.Releases;
import com.atoll.node.snapshots.SnapshotFiles;
import com.atoll.node.snapshots.Snapshots;
import com.atoll.node.streams.Tickets;
import com.atoll.node.workloads.Host;
import com.atoll.node.workloads.Workloads;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;

/** Every call of {@code node.proto}, each handed to those who know. */
public final class NodeService implements BindableService {
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
      Uploads uploads,
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
    this.builds = new BuildCalls(builds, uploads, host.images(), tickets);
    this.machine = new MachineCalls(workloads, host, nodeId);
    this.volumes = new VolumeCalls(host.volumes(), workloads.volumes());
    this.snapshots = new SnapshotCalls(workloads, snapshots, snapshotFiles, tickets, host.clock());
    this.archive = new ArchiveCalls(archive);
    Events events = new Events(watch, machine, host.clock());
    workloads.watchers().add(events::workload);
    workloads.followFlows(events);
    instances.watchers().add(events::instance);
    host.images().listen(events::template);
    builds.watchers().add(build -> events.build(this.builds.reply(build)));
  }

  @Override
  public ServerServiceDefinition bindService() {
    return methods().all();
  }

  /** Every call, bound. */
  Methods methods() {
    Methods methods = new Methods();
    machine.bind(methods);
    workloads.bind(methods);
    processes.bind(methods);
    files.bind(methods);
    streams.bind(methods);
    releases.bind(methods);
    instances.bind(methods);
    builds.bind(methods);
    volumes.bind(methods);
    snapshots.bind(methods);
    archive.bind(methods);
    backups.bind(methods);
    watch.bind(methods);
    return methods;
  }
}
