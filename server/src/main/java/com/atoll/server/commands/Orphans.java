package com.atoll.server.commands;

import com.atoll.model.AtollException;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.ProcessRef;
import com.atoll.node.v1.SignalRequest;
import com.atoll.server.machines.NodeClient;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends streamed commands that nobody listens to any more, after a time in which their clients may
 * come back. That wakes no sandbox: a command whose sandbox is paused when this time is over goes
 * on with it, as everything does that a pause keeps.
 */
final class Orphans {
  private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);
  private static final long GRACE_SECONDS = 60;
  private static final int TERM = 15;
  private static final long KILL_AFTER_MS = 5_000;

  private final NodeClient node;
  private final Map<String, Integer> listeners = new ConcurrentHashMap<>();

  Orphans(NodeClient node) {
    this.node = node;
  }

  /** Somebody listens to this command; the answer is run when that is over. */
  Runnable attach(Process process) {
    String key = key(process);
    listeners.merge(key, 1, Integer::sum);
    return leaving(key, process);
  }

  /**
   * Somebody listens to this process by another way: where it is a streamed command, it lasts for
   * as long. The answer is run when that is over.
   */
  Runnable join(Process process) {
    String key = key(process);
    return listeners.computeIfPresent(key, (k, count) -> count + 1) == null
        ? () -> {}
        : leaving(key, process);
  }

  private static String key(Process process) {
    return process.getWorkloadId() + ":" + Handle.of(process);
  }

  private Runnable leaving(String key, Process process) {
    AtomicBoolean left = new AtomicBoolean();
    return () -> {
      if (!left.getAndSet(true)) {
        CompletableFuture.delayedExecutor(
                GRACE_SECONDS, TimeUnit.SECONDS, work -> Thread.ofVirtual().start(work))
            .execute(() -> leave(key, process));
      }
    };
  }

  private void leave(String key, Process process) {
    Integer rest = listeners.computeIfPresent(key, (k, count) -> count == 1 ? null : count - 1);
    if (rest == null) {
      end(process);
    }
  }

  private void end(Process process) {
    try {
      ProcessRef ref =
          ProcessRef.newBuilder()
              .setWorkloadId(process.getWorkloadId())
              .setPid(process.getPid())
              .build();
      if (node.processes().getProcess(ref).getStartedUnixMs() != process.getStartedUnixMs()) {
        return; // Its number is that of another one by now.
      }
      node.processes()
          .end(
              SignalRequest.newBuilder()
                  .setWorkloadId(process.getWorkloadId())
                  .setPid(process.getPid())
                  .setSignal(TERM)
                  .setGroup(true)
                  .setKillAfterMs(KILL_AFTER_MS)
                  .build());
    } catch (AtollException away) {
      LOG.debug("The command is not there, or stands still: {}", away.getMessage());
    }
  }
}
