package com.atoll.node.workloads;

import com.atoll.node.network.Flow;
import com.atoll.node.network.FlowListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whose connections they are. */
final class Flows implements FlowListener {
  private final Table table;
  private volatile WorkloadFlow.@Nullable Listener listener;

  /** Those whose workload has no record yet: a start is recorded when it is over. */
  private List<Flow> early = List.of();

  Flows(Table table) {
    this.table = table;
  }

  void tell(WorkloadFlow.Listener hears) {
    listener = hears;
  }

  @Override
  public boolean isHeard() {
    WorkloadFlow.Listener hears = listener;
    return hears != null && hears.isHeard();
  }

  @Override
  public synchronized void flows(List<Flow> flows) {
    if (flows.isEmpty() && early.isEmpty()) {
      return;
    }
    Map<Integer, String> owners = owners();
    List<WorkloadFlow> known = new ArrayList<>();
    for (Flow flow : early) {
      add(known, owners, flow);
    }
    early = flows.stream().filter(flow -> !add(known, owners, flow)).toList();
    WorkloadFlow.Listener hears = listener;
    if (hears != null && !known.isEmpty()) {
      hears.flows(known);
    }
  }

  private static boolean add(List<WorkloadFlow> known, Map<Integer, String> owners, Flow flow) {
    String owner = owners.get(flow.slot());
    return owner != null && known.add(new WorkloadFlow(owner, flow));
  }

  private Map<Integer, String> owners() {
    Map<Integer, String> owners = new HashMap<>();
    for (Entry entry : table.entries()) {
      WorkloadRecord record = entry.record;
      if (record != null && record.place().slot() >= 0) {
        owners.put(record.place().slot(), record.id());
      }
    }
    return owners;
  }
}
