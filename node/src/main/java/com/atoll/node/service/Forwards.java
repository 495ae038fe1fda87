package com.atoll.node.service;

import com.atoll.node.faults.Check;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.guest.GuestStream;
import com.atoll.node.instances.InstanceRecord;
import com.atoll.node.streams.Pipe;
import com.atoll.node.streams.StreamServer;
import com.atoll.node.streams.StreamTask;
import com.atoll.node.workloads.State;
import com.atoll.node.workloads.Use;
import com.atoll.node.workloads.WorkloadRecord;
import com.atoll.node.workloads.Workloads;

/** The way of the edge to ports inside: only into the incarnation that its route names. */
public final class Forwards implements StreamServer.Forwards {
  private final Workloads workloads;

  /** Ways into these workloads. */
  public Forwards(Workloads workloads) {
    this.workloads = workloads;
  }

  @Override
  public StreamTask to(String id, long incarnation, int port) {
    Check.id("id", id);
    Check.port("port", port);
    WorkloadRecord found =
        workloads
            .find(id)
            .or(() -> workloads.find(InstanceRecord.workloadId(id)))
            .orElseThrow(() -> gone(id));
    requireSame(found, incarnation);
    return client -> {
      try (Use use = workloads.use(found.id())) {
        requireSame(workloads.get(found.id()), incarnation);
        GuestStream inner = use.machine().guest().forward(port);
        client.ok();
        Pipe.join(client, inner);
      }
    };
  }

  private static void requireSame(WorkloadRecord record, long incarnation) {
    if (record.state() != State.RUNNING || record.place().incarnation() != incarnation) {
      throw gone(record.id());
    }
  }

  private static NodeFault gone(String id) {
    return NodeFault.of(
        NodeFault.Kind.UNAVAILABLE, "GONE", id + " does not run here in this incarnation");
  }
}
