package com.atoll.node.service;

import com.atoll.node.images.ImageState;
import com.atoll.node.instances.InstanceView;
import com.atoll.node.v1.NodeEvent;
import com.atoll.node.v1.TemplateBuild;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.node.workloads.Change;
import java.time.InstantSource;

/** Gives what happened its form on the wire. */
final class Events {
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
