package com.atoll.node.instances;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.records.RecordFolder;
import com.atoll.node.releases.ReleaseRecord;
import com.atoll.node.releases.Releases;
import com.atoll.node.workloads.ClaimSpec;
import com.atoll.node.workloads.Terms;
import com.atoll.node.workloads.WorkloadRecord;
import com.atoll.node.workloads.Workloads;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What supervisors share.
 *
 * @param workloads where commands run
 * @param releases what they start from
 * @param records what is kept of them
 * @param folder where their logs lie
 * @param clock what time it is
 * @param listener is told of each change
 */
record Context(
    Workloads workloads,
    Releases releases,
    RecordFolder<InstanceRecord> records,
    Path folder,
    InstantSource clock,
    Consumer<InstanceView> listener) {

  Path logFile(String id) {
    return folder.resolve(id + ".log");
  }

  void changed(Supervisor supervisor) {
    listener.accept(supervisor.view());
  }

  /** The running workload of an instance: made, resumed or as it is. */
  WorkloadRecord workload(InstanceRecord instance) {
    Optional<WorkloadRecord> there = workloads.find(instance.workloadId());
    if (there.isPresent()) {
      return workloads.resume(instance.workloadId());
    }
    InstanceRecord.Spec spec = instance.spec();
    Terms terms =
        new Terms(spec.hostname(), spec.shape(), spec.env(), List.of(), 0, 0, false)
            .under(workloads.autoIsolation());
    ClaimSpec claim = new ClaimSpec(instance.workloadId(), "", terms, 0, true);
    try (Releases.Start start = releases.start(spec.releaseId(), spec.templateId())) {
      return workloads.claimFrom(start.origin(), claim);
    }
  }

  /** The directory that its command runs in. */
  String directory(InstanceRecord instance) {
    ReleaseRecord release =
        releases
            .find(instance.spec().releaseId())
            .orElseThrow(() ->
                NodeFault.precondition(
                    "RELEASE_NOT_FOUND", "its release is not on this node any more"));
    return Releases.directory(release, instance.spec().templateId());
  }
}
