package com.atoll.node.network;

import com.atoll.node.linux.Descriptor;
import com.atoll.node.linux.LinuxException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends slots that were given back: those that wait together in one step, since the kernel takes
 * tens of milliseconds for a step and lets nobody make an interface meanwhile.
 */
final class SlotRemover implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SlotRemover.class);

  /** A slot, and the descriptor that holds its namespace, when there is one. */
  record Given(Slot slot, @Nullable Descriptor namespace) {}

  private final LinkedBlockingQueue<Given> queue = new LinkedBlockingQueue<>();
  private final SlotNetwork networks;
  private final Connections connections = new Connections();
  private final Consumer<Slot> ended;
  private final Thread worker;

  SlotRemover(SlotNetwork networks, Consumer<Slot> ended) {
    this.networks = networks;
    this.ended = ended;
    worker = Thread.ofPlatform().daemon().name("slot-remover").start(this::work);
  }

  void add(Given given) {
    queue.add(given);
  }

  private void work() {
    try {
      while (true) {
        List<Given> batch = new ArrayList<>();
        batch.add(queue.take());
        queue.drainTo(batch);
        remove(batch);
      }
    } catch (InterruptedException closed) {
      LOG.debug("The slot remover ends");
    }
  }

  private void remove(List<Given> batch) {
    try {
      networks.removeAll(batch.stream().map(given -> given.slot().hostInterface()).toList());
    } catch (LinuxException e) {
      LOG.warn("Interfaces of {} slots stay for now: {}", batch.size(), e.getMessage());
    }
    for (Given given : batch) {
      if (given.namespace() != null) {
        given.namespace().close();
      }
      connections.forget(given.slot().address());
      ended.accept(given.slot());
    }
  }

  /** Ends what waits, then itself. */
  @Override
  public void close() {
    worker.interrupt();
    try {
      worker.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    List<Given> batch = new ArrayList<>();
    queue.drainTo(batch);
    if (!batch.isEmpty()) {
      remove(batch);
    }
    connections.close();
  }
}
