package com.atoll.node.workloads;

import com.atoll.node.network.Flow;
import java.util.List;

/**
 * Connections of a workload past the egress proxy.
 *
 * @param workload its id
 */
public record WorkloadFlow(String workload, Flow flow) {
  /** Who is told of them; it must not wait. */
  public interface Listener {
    /** Whether anybody would hear of them now. */
    boolean isHeard();

    /** These were made. */
    void flows(List<WorkloadFlow> flows);
  }
}
