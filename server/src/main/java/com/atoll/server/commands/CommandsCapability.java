package com.atoll.server.commands;

import com.atoll.server.http.Capability;
import com.atoll.server.http.Operation;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Sandboxes;
import java.util.ArrayList;
import java.util.List;

/** Commands, processes, terminals and tunnels of sandboxes. */
public final class CommandsCapability implements Capability {
  private final List<Operation<?, ?>> operations = new ArrayList<>();

  /** Commands in these sandboxes, on this node. */
  public CommandsCapability(Sandboxes sandboxes, NodeClient node) {
    ProcessStream streams = new ProcessStream(node);
    Orphans orphans = new Orphans(node);
    ProcessesApi processes = new ProcessesApi(sandboxes, node, streams, orphans);
    operations.addAll(new ExecApi(sandboxes, node, processes, streams, orphans).operations());
    operations.addAll(processes.operations());
    operations.addAll(new CommandsApi(sandboxes, node, processes).operations());
    operations.addAll(new TerminalsApi(sandboxes, node).operations());
    operations.addAll(new LogsApi(sandboxes, node).operations());
    operations.addAll(new TunnelApi(sandboxes, node).operations());
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return operations;
  }
}
