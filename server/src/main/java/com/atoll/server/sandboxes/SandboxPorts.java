package com.atoll.server.sandboxes;

import com.atoll.server.store.Tx;
import java.util.List;

/** What sandboxes ask of the previews of their ports. */
public interface SandboxPorts {
  /**
   * What is said of the ports of a sandbox now. Read by the system: whoever may fork a sandbox need
   * not see each of its previews.
   */
  Ports of(String sandboxId);

  /**
   * Gives a new sandbox the ports of its source that are not open to everybody, in the transaction
   * that stores it: it needs a token for them until they are opened there.
   */
  void withhold(Tx tx, Sandbox sandbox, List<KeptPort> ports);
}
