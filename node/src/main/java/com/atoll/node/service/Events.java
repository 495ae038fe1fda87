package com.atoll.node.service;

import com.atoll.node.images.ImageState;
import com.atoll.node.instances.InstanceView;
import com.atoll.node.network.Flow;
import com.atoll.node.v1.Flows;
import com.atoll.node.v1.NodeEvent;
import com.atoll.node.v1.TemplateBuild;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.node.workloads.Change;
import com.atoll.node.workloads.WorkloadFlow;
import java.time.InstantSource;
import java.util.List;

/** Gives what happened its form on the wire. */
final class Events implements WorkloadFlow.Listener {
  private final WatchCalls watch;
  private final MachineCalls machine;
  private final InstantSource clock;

  Events(WatchCalls watch, MachineCalls machine, InstantSource clock) {
    this.watch = watch;
    this.machine = machine;
    this.clock = clock;
  }

  void workload(Change change) {
    if (id(change).indexOf('~') >= 0) {
      return; // That of an instance: told as an instance.
    }
    NodeEvent.Builder event = event();
    switch (change) {
      case Change.Changed changed -> event.setWorkloadChanged(Replies.workload(changed.workload()));
      case Change.Destroyed destroyed -> event.setWorkloadDestroyed(destroyed.id());
      case Change.ClaimExpired expired ->
          event.setClaimExpired(WorkloadRef.newBuilder().setId(expired.id()));
    }
    watch.tell(event.build());
  }

  void instance(InstanceView view) {
    watch.tell(event().setInstanceChanged(InstanceCalls.reply(view)).build());
  }

  void template(ImageState image) {
    watch.tell(event().setTemplateChanged(machine.template(image)).build());
  }

  void build(TemplateBuild build) {
    watch.tell(event().setTemplateBuildChanged(build).build());
  }

  @Override
  public boolean isHeard() {
    return watch.isWatched();
  }

  @Override
  public void flows(List<WorkloadFlow> flows) {
    Flows.Builder all = Flows.newBuilder();
    for (WorkloadFlow one : flows) {
      Flow flow = one.flow();
      all.addFlows(
          com.atoll.node.v1.Flow.newBuilder()
              .setWorkloadId(one.workload())
              .setAddress(flow.address())
              .setProtocol(flow.protocol())
              .setPort(flow.port())
              .setPassage(
                  switch (flow.passage()) {
                    case PASSED -> com.atoll.node.v1.Flow.Passage.PASSED;
                    case KEPT -> com.atoll.node.v1.Flow.Passage.KEPT;
                    case BARRED -> com.atoll.node.v1.Flow.Passage.BARRED;
                  })
              .setCount(flow.count()));
    }
    watch.tell(event().setFlowsSeen(all).build());
  }

  private NodeEvent.Builder event() {
    return NodeEvent.newBuilder().setAtUnixMs(clock.millis());
  }

  private static String id(Change change) {
    return switch (change) {
      case Change.Changed changed -> changed.workload().id();
      case Change.Destroyed destroyed -> destroyed.id();
      case Change.ClaimExpired expired -> expired.id();
    };
  }
}
