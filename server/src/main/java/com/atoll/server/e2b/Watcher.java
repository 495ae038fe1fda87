package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.server.machines.NodeStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** One watch that is kept for a client that asks from time to time. */
final class Watcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Watcher.class);
  private static final int LONGEST_LINE = 64 << 10;
  private static final int MOST_EVENTS = 10_000;
  private static final long FORGOTTEN_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final String sandbox;
  private final NodeStream changes;
  private List<ObjectNode> events = new ArrayList<>();
  private Connect.@Nullable Failure failure;
  private long asked = System.nanoTime();

  Watcher(String sandbox, NodeStream changes) {
    this.sandbox = sandbox;
    this.changes = changes;
  }

  boolean isOf(String id) {
    return sandbox.equals(id);
  }

  /** Gathers what each line of the watch means, until the watch ends. */
  void start(Function<String, List<ObjectNode>> meaning) {
    Thread.ofVirtual().name("e2b-watcher").start(() -> gather(meaning));
  }

  private void gather(Function<String, List<ObjectNode>> meaning) {
    try {
      Optional<String> line = changes.readLine(LONGEST_LINE);
      while (line.isPresent() && add(meaning.apply(line.get()))) {
        line = changes.readLine(LONGEST_LINE);
      }
    } catch (Connect.Failure lost) {
      fail(lost);
    } catch (IOException | AtollException ended) {
      LOG.debug("A watch ended: {}", ended.getMessage());
    } finally {
      changes.close();
    }
  }

  private synchronized boolean add(List<ObjectNode> more) {
    if (events.size() + more.size() > MOST_EVENTS) {
      failure = new Connect.Failure(Code.DATA_LOSS, "Nobody asked for the events for too long.");
      return false;
    }
    events.addAll(more);
    return true;
  }

  private synchronized void fail(Connect.Failure lost) {
    failure = lost;
  }

  synchronized ArrayNode take() {
    asked = System.nanoTime();
    if (events.isEmpty() && failure != null) {
      throw failure;
    }
    ArrayNode taken = JsonNodeFactory.instance.arrayNode().addAll(events);
    events = new ArrayList<>();
    return taken;
  }

  /** Closes the watch when nobody has asked for a long time, and says so. */
  synchronized boolean closeWhenForgotten() {
    boolean forgotten = System.nanoTime() - asked > FORGOTTEN_NANOS;
    if (forgotten) {
      changes.close();
    }
    return forgotten;
  }

  @Override
  public void close() {
    changes.close();
  }
}
