package com.atoll.server.machines;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.NodeEvent;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NodeWatchTest {
  /** Shorter than the time between two comparisons that nobody asked for. */
  private static final long PATIENCE_SECONDS = 20;

  @Test
  void aRequestThatComesDuringAComparisonLeadsToAnother(@TempDir Path folder) throws Exception {
    Semaphore begun = new Semaphore(0);
    Semaphore allowed = new Semaphore(0);
    try (NodeClient node =
            NodeClient.at(
                folder.resolve("node.sock"),
                folder.resolve("calls.sock"),
                folder.resolve("streams.sock"));
        NodeWatch watch = new NodeWatch(node)) {
      watch.add(
          comparing(() -> {
            begun.release();
            allowed.acquireUninterruptibly();
          }));
      watch.start();
      watch.reconcileSoon();
      await(begun);
      watch.reconcileSoon();
      allowed.release();
      await(begun);
      allowed.release();
    }
  }

  @Test
  void aComparisonThatFailedIsRepeatedSoon(@TempDir Path folder) throws Exception {
    Semaphore begun = new Semaphore(0);
    try (NodeClient node =
            NodeClient.at(
                folder.resolve("node.sock"),
                folder.resolve("calls.sock"),
                folder.resolve("streams.sock"));
        NodeWatch watch = new NodeWatch(node)) {
      watch.add(
          comparing(() -> {
            begun.release();
            throw new IllegalStateException("the database is away");
          }));
      watch.start();
      watch.reconcileSoon();
      await(begun);
      await(begun);
    }
  }

  private static void await(Semaphore begun) throws InterruptedException {
    assertTrue(begun.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS), "no comparison came");
  }

  private static NodeWatch.Listener comparing(Runnable comparison) {
    return new NodeWatch.Listener() {
      @Override
      public void onEvent(NodeEvent event) {}

      @Override
      public void reconcile() {
        comparison.run();
      }
    };
  }
}
