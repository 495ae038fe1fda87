package com.atoll.server.previews;

import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Store;

/** Tells gateways which ports are exposed and private, after each change. */
final class PortsOfSandboxes {
  private final PortTable table;
  private final Sandboxes sandboxes;

  PortsOfSandboxes(Store store, Sandboxes sandboxes) {
    table = new PortTable(store);
    this.sandboxes = sandboxes;
  }

  /** Tells those of all sandboxes. */
  synchronized void load() {
    table.read(null).forEach(sandboxes::ports);
  }

  /** Tells those of one sandbox, as committed: whoever comes last tells the newest. */
  synchronized void publish(String sandboxId) {
    sandboxes.ports(sandboxId, table.of(sandboxId));
  }
}
