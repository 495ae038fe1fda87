package com.atoll.server.services;

import com.atoll.model.AtollException;
import com.atoll.model.SandboxState;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Sandbox;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for services that were just started to listen at their ports. */
final class Listening {
  private static final Logger LOG = LoggerFactory.getLogger(Listening.class);
  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final NodeClient node;

  Listening(NodeClient node) {
    this.node = node;
  }

  /**
   * Whether something listens at a port of a sandbox within a few seconds.
   *
   * @param sandbox the sandbox as it is now: what does not run any more is not waited for, nor
   *     looked at, which would wake it
   */
  boolean await(Supplier<Optional<Sandbox>> sandbox, int port) {
    long end = System.nanoTime() + MOST_NANOS;
    while (System.nanoTime() - end < 0) {
      Optional<Sandbox> running = sandbox.get().filter(now -> now.state() == SandboxState.RUNNING);
      if (running.isEmpty()) {
        return false;
      }
      if (listens(running.get().id(), port)) {
        return true;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    return false;
  }

  private boolean listens(String sandboxId, int port) {
    try {
      return node
          .ports()
          .listeningPorts(WorkloadRef.newBuilder().setId(sandboxId).build())
          .getPortsList()
          .stream()
          .anyMatch(listening -> listening.getPort() == port);
    } catch (AtollException away) {
      LOG.debug("What listens in {} is not known now: {}", sandboxId, away.getMessage());
      return false;
    }
  }
}
