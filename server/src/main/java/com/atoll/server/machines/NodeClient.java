package com.atoll.server.machines;

import com.atoll.node.v1.DescribeRequest;
import com.atoll.node.v1.NodeDescription;
import com.atoll.node.v1.NodeEvent;
import com.atoll.node.v1.Ticket;
import com.atoll.platform.Installation;
import java.nio.file.Path;
import java.util.Iterator;

/**
 * The only way from the control plane to a machine. Every call has a deadline; every refusal comes
 * out as an {@code AtollException}. Calls are blocking and meant for virtual threads; they are
 * named as in {@code node.proto}.
 */
public final class NodeClient implements AutoCloseable {
  private final NodeChannel channel;
  private final NodeLines lines;
  private final NodeCalls calls;
  private final Path streams;
  private final OutputRoom room = new OutputRoom(Runtime.getRuntime().maxMemory());
  private final NodeWorkloads workloads;
  private final NodeProcesses processes;
  private final NodeFiles files;
  private final NodePorts ports;
  private final NodeReleases releases;
  private final NodeInstances instances;
  private final NodeSnapshots snapshots;
  private final NodeTemplates templates;
  private final NodeVolumes volumes;

  private NodeClient(NodeChannel channel, NodeLines lines, Path streams) {
    this.channel = channel;
    this.lines = lines;
    this.calls = new NodeCalls(channel, lines);
    this.streams = streams;
    workloads = new NodeWorkloads(calls);
    processes = new NodeProcesses(calls);
    files = new NodeFiles(calls);
    ports = new NodePorts(calls);
    releases = new NodeReleases(calls);
    instances = new NodeInstances(calls);
    snapshots = new NodeSnapshots(calls);
    templates = new NodeTemplates(calls);
    volumes = new NodeVolumes(calls);
  }

  /** The node on this machine. Does not wait for it: it may start later and restart at any time. */
  public static NodeClient of(Installation installation) {
    return at(installation.nodeSocket(), installation.callsSocket(), installation.streamsSocket());
  }

  /** A node at these sockets. */
  static NodeClient at(Path socket, Path calls, Path streams) {
    return new NodeClient(NodeChannel.unix(socket), new NodeLines(calls), streams);
  }

  /** What this machine is, can do and has free. */
  public NodeDescription describe(DescribeRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.describe(request));
  }

  /** The room for what commands answer. */
  public OutputRoom room() {
    return room;
  }

  /** Machines of sandboxes, from claim to destroy. */
  public NodeWorkloads workloads() {
    return workloads;
  }

  /** Commands inside a machine. */
  public NodeProcesses processes() {
    return processes;
  }

  /** Files inside a machine. */
  public NodeFiles files() {
    return files;
  }

  /** The ways into a machine from outside. */
  public NodePorts ports() {
    return ports;
  }

  /** Directories frozen for publishing. */
  public NodeReleases releases() {
    return releases;
  }

  /** Supervised processes that serve a release. */
  public NodeInstances instances() {
    return instances;
  }

  /** Files of a workload kept as they were, on the node and in the archive. */
  public NodeSnapshots snapshots() {
    return snapshots;
  }

  /** Images, and how they are built. */
  public NodeTemplates templates() {
    return templates;
  }

  /** Files that outlive workloads. */
  public NodeVolumes volumes() {
    return volumes;
  }

  /** Redeems a ticket: the raw bytes that a call has made ready. */
  public NodeStream redeem(Ticket ticket) {
    return NodeStream.redeem(streams, ticket.getToken());
  }

  /** Events of the node from now on, until the connection ends; iterating may throw. */
  Iterator<NodeEvent> watch() {
    return calls.watch();
  }

  @Override
  public void close() {
    lines.close();
    channel.close();
  }
}
