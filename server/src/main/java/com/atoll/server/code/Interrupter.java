package com.atoll.server.code;

import com.atoll.model.AtollException;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.SignalRequest;
import com.atoll.server.machines.NodeClient;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a cell whose time is over: interrupts it, again while it goes on, and kills its context when
 * that does not help.
 */
final class Interrupter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Interrupter.class);
  private static final int INTERRUPT = 2;
  private static final int KILL = 9;
  private static final int TRIES = 8;
  private static final long BETWEEN_MS = 400;

  private final NodeClient node;
  private final Process process;
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile boolean timedOut;

  Interrupter(NodeClient node, Process process, long timeoutMs) {
    this.node = node;
    this.process = process;
    Thread.ofVirtual().start(() -> watch(timeoutMs));
  }

  /** Whether it had to act. */
  boolean timedOut() {
    return timedOut;
  }

  /** Ends the cell before its time is over. */
  void now() {
    Thread.ofVirtual().start(() -> watch(0));
  }

  private void watch(long timeoutMs) {
    try {
      if (done.await(timeoutMs, TimeUnit.MILLISECONDS)) {
        return;
      }
      timedOut = true;
      for (int i = 0; i < TRIES; i++) {
        signal(node, process, INTERRUPT);
        if (done.await(BETWEEN_MS, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
      signal(node, process, KILL);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  static void kill(NodeClient node, Process process) {
    signal(node, process, KILL);
  }

  private static void signal(NodeClient node, Process process, int signal) {
    try {
      node.processes()
          .signal(
              SignalRequest.newBuilder()
                  .setWorkloadId(process.getWorkloadId())
                  .setPid(process.getPid())
                  .setSignal(signal)
                  .setGroup(true)
                  .build());
    } catch (AtollException ended) {
      LOG.debug("A context had ended already: {}", ended.getMessage());
    }
  }

  @Override
  public void close() {
    done.countDown();
  }
}
