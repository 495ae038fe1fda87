package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxState;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.ProcessRef;
import com.atoll.node.v1.ProcessState;
import com.atoll.node.v1.TailRequest;
import com.atoll.server.machines.NodeClient;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether the repository of a new sandbox comes to be there: where it does not, the sandbox
 * is not ready and says why. Keeps no sandbox awake; a server that starts again has forgotten it.
 */
final class Clones {
  private static final Logger LOG = LoggerFactory.getLogger(Clones.class);
  private static final long FIRST_PAUSE_MS = 50;
  private static final long LONGEST_PAUSE_MS = 2_000;

  /** A clone that takes longer is not looked at any more. */
  private static final long MOST_NANOS = TimeUnit.HOURS.toNanos(1);

  private static final int LINES = 10;
  private static final int SHOWN = 300;

  private final NodeClient node;
  private final Directory directory;
  private final Probes probes;

  Clones(NodeClient node, Directory directory, Probes probes) {
    this.node = node;
    this.directory = directory;
    this.probes = probes;
  }

  /** The clone has begun. */
  void begun(Sandbox sandbox, Process clone) {
    Thread.ofVirtual().name("clone-" + sandbox.id()).start(() -> follow(sandbox, clone));
  }

  /** It could not be begun, or has failed. */
  void failed(Sandbox sandbox, String why) {
    String end = why.length() <= SHOWN ? why : why.substring(why.length() - SHOWN);
    probes.fail(sandbox, "The repository was not cloned: " + end.replace('\0', ' '));
  }

  private void follow(Sandbox sandbox, Process clone) {
    long end = System.nanoTime() + MOST_NANOS;
    for (long pause = FIRST_PAUSE_MS;
        System.nanoTime() - end < 0;
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pause));
      Optional<Sandbox> now = directory.byId(sandbox.id());
      if (now.isEmpty()
          || (now.get().state() == SandboxState.RUNNING && hasEnded(sandbox, clone))) {
        return;
      }
    }
  }

  /** Whether there is nothing more to look at. */
  private boolean hasEnded(Sandbox sandbox, Process clone) {
    try {
      ProcessRef ref =
          ProcessRef.newBuilder().setWorkloadId(sandbox.id()).setPid(clone.getPid()).build();
      Process now = node.processes().getProcess(ref);
      if (now.getStartedUnixMs() != clone.getStartedUnixMs()) {
        failed(sandbox, "it was cut off");
        return true;
      }
      if (now.getState() == ProcessState.PROCESS_RUNNING) {
        return false;
      }
      if (now.getExitCode() != 0) {
        failed(sandbox, said(now));
      }
      return true;
    } catch (AtollException refused) {
      if (refused.code() == ErrorCode.PROCESS_NOT_FOUND) {
        failed(sandbox, "it was cut off");
        return true;
      }
      LOG.debug("How {} is cloned is not known now: {}", sandbox.id(), refused.getMessage());
      return false;
    }
  }

  private String said(Process clone) {
    String text =
        node.processes()
            .tailProcess(
                TailRequest.newBuilder()
                    .setWorkloadId(clone.getWorkloadId())
                    .setPid(clone.getPid())
                    .setLines(LINES)
                    .build())
            .getStderr()
            .toStringUtf8()
            .strip();
    return text.isEmpty() ? "git ended with code " + clone.getExitCode() : text;
  }
}
