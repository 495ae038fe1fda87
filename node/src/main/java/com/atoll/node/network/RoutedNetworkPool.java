package com.atoll.node.network;

import com.atoll.node.linux.Descriptor;
import com.atoll.node.linux.LinuxException;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Slots as routed veth pairs, without a bridge. A namespace is held by a descriptor of this process
 * and by the processes in it, by no mount: after a crash, unused ones are gone by themselves.
 */
public final class RoutedNetworkPool implements NetworkPool {
  private static final Logger LOG = LoggerFactory.getLogger(RoutedNetworkPool.class);
  private static final int GROUP = 0x4154_0000;
  private static final long LOOK_MS = 1_000;

  /** Until then every gateway has heard that the last one who had an address has left it. */
  private static final long REST_NANOS = 2_000_000_000L;

  private final AddressPlan plan;
  private final Firewall firewall;
  private final Forwarding forwarding;
  private final SlotNetwork networks;
  private final SlotRemover remover;
  private final int ready;
  private final ExecutorService filler =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("slots").factory());

  private final ScheduledExecutorService looker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("flows").factory());
  private volatile @Nullable FlowListener listener;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** A slot that nobody has, and since when. */
  private record Free(int index, long since) {}

  /** Longest rested first. */
  private final Deque<Free> free = new ArrayDeque<>();

  private final Deque<Slot> prepared = new ArrayDeque<>();
  private final Map<Integer, Slot> taken = new HashMap<>();
  private final Map<Integer, Descriptor> namespaces = new HashMap<>();
  private int preparing;
  private int ending;
  private boolean closed;

  private RoutedNetworkPool(Installation installation, int ready) {
    this.ready = ready;
    plan = new AddressPlan(installation);
    networks = new SlotNetwork(GROUP + Integer.parseInt(installation.id(), 36));
    remover = new SlotRemover(networks, this::ended);
    firewall = new Firewall(installation);
    forwarding = new Forwarding(installation.run().resolve("forwarding"));
  }

  /**
   * Opens the pool. Slots whose workloads live on from before are {@code live}: they stay as they
   * are, unblocked and guarded; every other interface of this installation is removed.
   */
  public static NetworkPool open(Installation installation, Map<Integer, Guard> live)
      throws IOException {
    long started = System.nanoTime();
    int ready = Math.clamp(installation.warmPool() + 4L, 4, 16);
    RoutedNetworkPool pool = new RoutedNetworkPool(installation, ready);
    Files.createDirectories(installation.run());
    pool.start(live);
    LOG.info(
        "Network: {} slots, {} live, after {} ms",
        pool.plan.slots(),
        live.size(),
        (System.nanoTime() - started) / 1_000_000);
    return pool;
  }

  /** Removes everything that an installation without a node has in the network. */
  public static void remove(Installation installation) throws IOException {
    Files.createDirectories(installation.run());
    new RoutedNetworkPool(installation, 0).close(true);
  }

  /** Whether another installation of this machine has something in the network. */
  public static boolean hasNeighbors(Installation installation) throws IOException {
    return Forwarding.othersExist(new AddressPlan(installation).prefix());
  }

  private void start(Map<Integer, Guard> live) throws IOException {
    for (int index = 0; index < plan.slots(); index++) {
      if (live.containsKey(index)) {
        taken.put(index, plan.slot(index, ""));
      } else {
        free.add(new Free(index, System.nanoTime() - REST_NANOS));
      }
    }
    Map<Slot, Guard> open = new HashMap<>();
    taken.forEach((index, slot) -> open.put(slot, live.getOrDefault(index, Guard.NONE)));
    firewall.install(open);
    sweep(live.keySet());
    networks.addGateway(plan);
    forwarding.enable();
    refill();
  }

  private void sweep(Set<Integer> live) throws IOException {
    List<String> orphans = ours(index -> !live.contains(index));
    if (!orphans.isEmpty()) {
      networks.removeAll(orphans);
      LOG.info("{} interfaces belonged to nothing any more", orphans.size());
    }
  }

  private List<String> ours(IntPredicate wanted) throws IOException {
    return SlotNetwork.hostInterfaces().stream()
        .filter(name -> {
          OptionalInt index = plan.indexOf(name);
          return index.isPresent() && wanted.test(index.getAsInt());
        })
        .toList();
  }

  @Override
  public Slot take() {
    Slot slot = takePreparedOrReserve();
    if (slot.netns().isEmpty()) {
      slot = create(slot.index(), taken::put);
    }
    refill();
    return slot;
  }

  /** A prepared slot, or one that has only its number yet. */
  private Slot takePreparedOrReserve() {
    lock.lock();
    try {
      requireOpen();
      while (true) {
        Slot slot = prepared.poll();
        if (slot != null) {
          taken.put(slot.index(), slot);
          return slot;
        }
        Free next = free.peek();
        if (next != null && restNanos(next) <= 0) {
          return plan.slot(free.remove().index(), "");
        }
        // The last addresses may be on their way just now.
        if (next == null && preparing + ending == 0) {
          throw new NetworkException("every address of the pool is in use");
        }
        await(next == null ? REST_NANOS : restNanos(next));
        requireOpen();
      }
    } finally {
      lock.unlock();
    }
  }

  private static long restNanos(Free slot) {
    return REST_NANOS - (System.nanoTime() - slot.since());
  }

  /** Waits for a change, for so long at most; whoever holds the lock, in a loop. */
  @SuppressWarnings("WaitNotInLoop")
  private void await(long nanos) {
    try {
      var _ = changed.awaitNanos(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NetworkException("interrupted while waiting for an address", e);
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

  private void ended(Slot slot) {
    lock.lock();
    try {
      ending--;
    } finally {
      lock.unlock();
    }
    release(slot.index());
  }

  private void release(int index) {
    lock.lock();
    try {
      free.add(new Free(index, System.nanoTime()));
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
      Free next = free.peek();
      if (closed || prepared.size() >= ready || next == null || restNanos(next) > 0) {
        return OptionalInt.empty();
      }
      preparing++;
      return OptionalInt.of(free.remove().index());
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
    Descriptor namespace;
    lock.lock();
    try {
      if (taken.remove(slot.index()) == null) {
        return;
      }
      namespace = namespaces.remove(slot.index());
      ending++;
    } finally {
      lock.unlock();
    }
    if (firewall.isProxied(slot)) {
      // Its workload is known now, and is not a second later.
      look();
    }
    try {
      firewall.end(slot);
    } finally {
      remover.add(new SlotRemover.Given(slot, namespace));
    }
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
  public void guard(Slot slot, Guard guard) {
    firewall.guard(slot(slot.index()), guard);
  }

  @Override
  public void block(Slot slot) {
    firewall.shut(slot);
  }

  @Override
  public void follow(FlowListener hears) {
    listener = hears;
    var _ = looker.scheduleWithFixedDelay(this::look, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
  }

  private void look() {
    FlowListener hears = listener;
    if (hears == null || !hears.isHeard()) {
      return;
    }
    try {
      List<Flow> flows =
          firewall.seen().stream()
              .flatMap(seen ->
                  plan.indexOf(seen.hostInterface()).stream().mapToObj(index -> flow(index, seen)))
              .toList();
      hears.flows(flows);
    } catch (IOException | RuntimeException e) {
      LOG.warn("Connections past the egress proxy are told later: {}", e.getMessage());
    }
  }

  private static Flow flow(int index, FlowMeter.Seen seen) {
    return new Flow(
        index, seen.address(), seen.protocol(), seen.port(), seen.passage(), seen.count());
  }

  @Override
  public Traffic traffic(Slot slot) {
    return SlotNetwork.traffic(slot.hostInterface());
  }

  @Override
  public void close(boolean down) {
    stopLooking();
    stopFilling();
    remover.close();
    networks.removeAll(prepared.stream().map(Slot::hostInterface).toList());
    if (down) {
      try {
        networks.removeAll(ours(_ -> true));
        forwarding.restore(plan.prefix());
      } catch (IOException e) {
        LOG.warn("The network is not all gone: {}", e.getMessage());
      }
      firewall.remove();
      networks.removeGateway(plan);
    }
    namespaces.values().forEach(Descriptor::close);
    namespaces.clear();
    networks.close();
    firewall.close();
  }

  private void stopLooking() {
    listener = null;
    looker.shutdownNow();
    try {
      if (!looker.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("Somebody still looks for connections");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
