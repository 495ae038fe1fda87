package com.atoll.server.services;

import com.atoll.server.http.Capability;
import com.atoll.server.http.Operation;
import com.atoll.server.sandboxes.Sandboxes;
import java.util.List;

/** Services inside sandboxes. */
public final class ServicesCapability implements Capability {
  private final List<Operation<?, ?>> operations;

  /** Services of these sandboxes. */
  public ServicesCapability(Sandboxes sandboxes, Supervisor supervisor) {
    operations = new ServicesApi(sandboxes, supervisor).operations();
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return operations;
  }
}
