package com.atoll.edge.gateway;

import com.atoll.edge.routes.Owner;

/** A place that answers HTTP, and the way to it. Connections are pooled by it. */
sealed interface Upstream {
  /** Whose connections these are. */
  Owner owner();

  /** The API's Unix socket. */
  record Api() implements Upstream {
    static final Api INSTANCE = new Api();

    @Override
    public Owner owner() {
      return Owner.API;
    }
  }

  /** Straight to the address of a sandbox or instance. */
  record Direct(Owner owner, int port) implements Upstream {}

  /** Through the node, to a port that listens on the inside's 127.0.0.1 only. */
  record Forward(Owner owner, int port) implements Upstream {}
}
