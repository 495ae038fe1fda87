package com.atoll.node.network;

import com.atoll.node.linux.Descriptor;
import com.atoll.node.linux.LinuxException;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Slots as routed veth pairs, without a bridge. A namespace is held by a descriptor of this process
 * and by the processes in it, by no mount: after a crash, unused ones are gone by themselves.
 */
public final class RoutedNetworkPool implements NetworkPool {
  private static final Logger LOG = LoggerFactory.getLogger(RoutedNetworkPool.class);
  private static final Path INTERFACES = Path.of("/sys/class/net");

  private final AddressPlan plan;
  private final Firewall firewall;
  private final Forwarding forwarding;
  private final SlotNetwork networks = new SlotNetwork();
  private final Connections connections = new Connections();
  private final int ready;
  private final ExecutorService filler =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("slots").factory());

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Longest rested first. */
  private final Deque<Integer> free = new ArrayDeque<>();

  private final Deque<Slot> prepared = new ArrayDeque<>();
  private final Map<Integer, Slot> taken = new HashMap<>();
  private final Map<Integer, Descriptor> namespaces = new HashMap<>();
  private int preparing;
  private boolean closed;

  private RoutedNetworkPool(Installation installation) {
    plan = new AddressPlan(installation);
    firewall = new Firewall(installation);
    forwarding = new Forwarding(installation.run().resolve("forwarding"));
    ready = Math.clamp(installation.warmPool() + 2L, 2, 64);
  }

  /**
   * Opens the pool. Slots whose workloads live on from before are {@code live}: they stay as they
   * are, unblocked; every other interface of this installation is removed.
   */
  public static NetworkPool open(Installation installation, Set<Integer> live) throws IOException {
    long started = System.nanoTime();
    RoutedNetworkPool pool = new RoutedNetworkPool(installation);
    Files.createDirectories(installation.run());
    pool.start(live);
    LOG.info(
        "Network: {} slots, {} live, after {} ms",
        pool.plan.slots(),
        live.size(),
        (System.nanoTime() - started) / 1_000_000);
    return pool;
  }

  private void start(Set<Integer> live) throws IOException {
    for (int index = 0; index < plan.slots(); index++) {
      if (live.contains(index)) {
        taken.put(index, plan.slot(index, ""));
      } else {
        free.add(index);
      }
    }
    firewall.install(taken.values());
    sweep(live);
    networks.addGateway(plan);
    forwarding.enable();
    refill();
  }

  private void sweep(Set<Integer> live) throws IOException {
    for (String name : hostInterfaces()) {
      OptionalInt index = plan.indexOf(name);
      if (index.isPresent() && !live.contains(index.getAsInt())) {
        networks.remove(name);
        LOG.info("Interface {} belonged to nothing any more", name);
      }
    }
  }

  private static List<String> hostInterfaces() throws IOException {
    try (Stream<Path> interfaces = Files.list(INTERFACES)) {
      return interfaces.map(path -> path.getFileName().toString()).toList();
    }
  }

  @Override
  public Slot take() {
    Slot slot = takePrepared();
    if (slot == null) {
      int index = reserve();
      slot = create(index, taken::put);
    }
    refill();
    return slot;
  }

  private @Nullable Slot takePrepared() {
    lock.lock();
    try {
      requireOpen();
      // The last addresses may be on their way into the pool just now.
      while (prepared.isEmpty() && free.isEmpty() && preparing > 0) {
        changed.awaitUninterruptibly();
        requireOpen();
      }
      Slot slot = prepared.poll();
      if (slot != null) {
        taken.put(slot.index(), slot);
      }
      return slot;
    } finally {
      lock.unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new NetworkException("the node is stopping");
    }
  }

  private Slot create(int index, BiConsumer<Integer, Slot> keep) {
    try {
      Descriptor namespace = networks.create(plan.slot(index, ""));
      Slot slot = plan.slot(index, namespace.pathForOthers().toString());
      lock.lock();
      try {
        namespaces.put(index, namespace);
        keep.accept(index, slot);
      } finally {
        lock.unlock();
      }
      return slot;
    } catch (RuntimeException e) {
      release(index);
      throw e;
    }
  }

  private int reserve() {
    lock.lock();
    try {
      requireOpen();
      Integer index = free.poll();
      if (index == null) {
        throw new NetworkException("every address of the pool is in use");
      }
      return index;
    } finally {
      lock.unlock();
    }
  }

  private void release(int index) {
    lock.lock();
    try {
      free.add(index);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void refill() {
    try {
      filler.execute(this::fill);
    } catch (RejectedExecutionException stopping) {
      LOG.debug("No refill: the pool is closed");
    }
  }

  private void fill() {
    try {
      for (OptionalInt index = reserveMissing(); index.isPresent(); index = reserveMissing()) {
        try {
          create(index.getAsInt(), (_, slot) -> prepared.add(slot));
        } finally {
          prepared();
        }
      }
    } catch (NetworkException | LinuxException e) {
      LOG.warn("No slot could be prepared: {}", e.getMessage());
    }
  }

  private OptionalInt reserveMissing() {
    lock.lock();
    try {
      if (closed || prepared.size() >= ready || free.isEmpty()) {
        return OptionalInt.empty();
      }
      preparing++;
      return OptionalInt.of(free.remove());
    } finally {
      lock.unlock();
    }
  }

  private void prepared() {
    lock.lock();
    try {
      preparing--;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void give(Slot slot) {
    lock.lock();
    try {
      if (taken.remove(slot.index()) == null) {
        return;
      }
    } finally {
      lock.unlock();
    }
    destroy(slot);
    release(slot.index());
  }

  private void destroy(Slot slot) {
    firewall.shut(slot);
    networks.remove(slot.hostInterface());
    Descriptor namespace;
    lock.lock();
    try {
      namespace = namespaces.remove(slot.index());
    } finally {
      lock.unlock();
    }
    if (namespace != null) {
      namespace.close();
    }
    connections.forget(slot.address());
  }

  @Override
  public Slot slot(int index) {
    lock.lock();
    try {
      Slot slot = taken.get(index);
      if (slot == null) {
        throw new NetworkException("slot " + index + " is not in use");
      }
      return slot;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void unblock(Slot slot) {
    firewall.open(slot(slot.index()));
  }

  @Override
  public void block(Slot slot) {
    firewall.shut(slot);
  }

  @Override
  public Traffic traffic(Slot slot) {
    Path counters = INTERFACES.resolve(slot.hostInterface()).resolve("statistics");
    // What the host end sends is what the workload receives.
    return new Traffic(counter(counters, "tx_bytes"), counter(counters, "rx_bytes"));
  }

  private static long counter(Path counters, String name) {
    try {
      return Long.parseLong(Files.readString(counters.resolve(name)).strip());
    } catch (IOException gone) {
      return 0;
    }
  }

  @Override
  public void close(boolean down) {
    stopFilling();
    for (Slot slot : List.copyOf(prepared)) {
      networks.remove(slot.hostInterface());
    }
    if (down) {
      try {
        for (String name : hostInterfaces()) {
          if (plan.indexOf(name).isPresent()) {
            networks.remove(name);
          }
        }
        forwarding.restore(plan.prefix());
      } catch (IOException e) {
        LOG.warn("The network is not all gone: {}", e.getMessage());
      }
      firewall.remove();
      networks.removeGateway(plan);
    }
    new ArrayList<>(namespaces.values()).forEach(Descriptor::close);
    namespaces.clear();
    connections.close();
    networks.close();
    firewall.close();
  }

  private void stopFilling() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    filler.shutdown();
    try {
      if (!filler.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("A slot is still being prepared");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
