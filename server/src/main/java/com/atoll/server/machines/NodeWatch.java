package com.atoll.server.machines;

import com.atoll.model.AtollException;
import com.atoll.node.v1.NodeEvent;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the events of a node to those who keep records of what runs on it, and asks them to compare
 * everything at the start, after each reconnect (events were missed), soon after a comparison that
 * failed, and every 30 s.
 */
public final class NodeWatch implements AutoCloseable {
  /** Who keeps records of what runs on a node. */
  public interface Listener {
    /** Something happened on the node; events come one after the other. */
    void onEvent(NodeEvent event);

    /** Compare all records with the node now. */
    void reconcile();
  }

  private static final Logger LOG = LoggerFactory.getLogger(NodeWatch.class);
  private static final Duration INTERVAL = Duration.ofSeconds(30);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(2);
  private static final Duration RETRY = Duration.ofMillis(200);

  private final NodeClient node;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final Semaphore due = new Semaphore(0);
  private final CountDownLatch closed = new CountDownLatch(1);

  /** Does nothing before {@link #start}. */
  public NodeWatch(NodeClient node) {
    this.node = node;
  }

  /** Adds a listener; call it before {@link #start}. */
  public void add(Listener listener) {
    listeners.add(listener);
  }

  /** Begins to watch and to compare. */
  public void start() {
    Thread.ofVirtual().name("node-watch").start(this::follow);
    Thread.ofVirtual().name("node-reconcile").start(this::compare);
  }

  /** Asks for a comparison that begins after this call rather than at the next interval. */
  public void reconcileSoon() {
    due.release();
  }

  @Override
  public void close() {
    closed.countDown();
    due.release();
  }

  private void follow() {
    do {
      try {
        Iterator<NodeEvent> events = node.watch();
        reconcileSoon();
        while (!isClosed() && events.hasNext()) {
          deliver(events.next());
        }
      } catch (StatusRuntimeException broken) {
        LOG.debug("The node's event stream ended: {}", broken.getStatus());
      } catch (AtollException away) {
        LOG.debug("The node is not there: {}", away.getMessage());
      }
    } while (!closedWithin(RETRY));
  }

  private void deliver(NodeEvent event) {
    for (Listener listener : listeners) {
      try {
        listener.onEvent(event);
      } catch (RuntimeException failed) {
        LOG.warn("A node event was not recorded; the next comparison will.", failed);
      }
    }
  }

  private void compare() {
    Duration wait = INTERVAL;
    while (!isClosed()) {
      try {
        if (due.tryAcquire(wait.toMillis(), TimeUnit.MILLISECONDS)) {
          // Whoever asked until now gets this comparison; whoever asks while it runs, the next.
          due.drainPermits();
        }
      } catch (InterruptedException stopped) {
        return;
      }
      boolean compared = true;
      for (Listener listener : listeners) {
        compared &= compared(listener);
      }
      wait = compared ? INTERVAL : AFTER_FAILURE;
    }
  }

  private boolean compared(Listener listener) {
    try {
      if (!isClosed()) {
        listener.reconcile();
      }
      return true;
    } catch (RuntimeException failed) {
      if (!isClosed()) {
        LOG.warn("The comparison with the node failed; it is repeated: {}", failed.toString());
      }
      return false;
    }
  }

  private boolean isClosed() {
    return closed.getCount() == 0;
  }

  private boolean closedWithin(Duration wait) {
    try {
      return closed.await(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopped) {
      return true;
    }
  }
}
