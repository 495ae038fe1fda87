package com.atoll.server.commands;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.ProcessRef;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.server.machines.NodeClient;

/** What it means that the records of a process ended and none of them was its exit. */
final class Ends {
  private Ends() {}

  /**
   * Whether the process is gone. It is not when only the way to it broke: then, and when nobody can
   * tell, its reader comes back. Wakes nothing.
   */
  static boolean isGone(NodeClient node, Process process) {
    String id = process.getWorkloadId();
    try {
      Workload workload = node.workloads().get(WorkloadRef.newBuilder().setId(id).build());
      return switch (workload.getState()) {
        case PAUSED -> !workload.getProcessesKept();
        case RUNNING -> {
          ProcessRef ref =
              ProcessRef.newBuilder().setWorkloadId(id).setPid(process.getPid()).build();
          yield node.processes().getProcess(ref).getStartedUnixMs() != process.getStartedUnixMs();
        }
        case FAILED, DESTROYED, WORKLOAD_STATE_UNSPECIFIED, UNRECOGNIZED -> true;
      };
    } catch (AtollException refused) {
      return refused.code() == ErrorCode.NOT_FOUND
          || refused.code() == ErrorCode.SANDBOX_NOT_FOUND
          || refused.code() == ErrorCode.PROCESS_NOT_FOUND;
    }
  }
}
