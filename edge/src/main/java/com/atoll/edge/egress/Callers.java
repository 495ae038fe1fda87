package com.atoll.edge.egress;

import com.atoll.edge.routes.Route;
import com.atoll.edge.routes.RouteTable;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Who calls, by address, and what is open; a changed policy looks at all of it again. */
final class Callers {
  static final int MOST_OF_ONE = 512;

  /** Beyond these, which are told that they are too many, one more is told nothing. */
  private static final int MOST_TOLD = 512;

  /** A sandbox may call before its policy has come here: it waits this long for it. */
  private static final long PATIENCE_MS = 2_000;

  private static final long LOOK_MS = 5;

  /** Something open that a change of the policy may end. Told on its own event loop. */
  interface Open {
    /** Ends what is no longer allowed; everything when no policy is known. */
    void recheck(Route.@Nullable Egress policy);

    /** The sandbox has no policy any more: what it has been allowed comes to its own end. */
    void release();
  }

  private final RouteTable table;
  private final Map<String, Set<Entry>> open = new ConcurrentHashMap<>();

  private record Entry(EventLoop loop, Open what) {}

  /** Whether a caller may have one more open. */
  enum Room {
    LEFT,
    /** It is one too many: its call is refused. */
    NONE,
    /** Even of those that are refused there are too many. */
    EXHAUSTED
  }

  Callers(RouteTable table) {
    this.table = table;
    table.onEgressChange(this::changed);
  }

  static String address(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress peer
        ? peer.getAddress().getHostAddress()
        : "";
  }

  Route.@Nullable Egress policy(String address) {
    return table.egress(address);
  }

  /** The policy of a caller, once it is known; null when it stays unknown. */
  void whenKnown(EventLoop loop, String address, Consumer<Route.@Nullable Egress> then) {
    whenKnown(loop, address, System.nanoTime() + PATIENCE_MS * 1_000_000, then);
  }

  private void whenKnown(
      EventLoop loop, String address, long deadline, Consumer<Route.@Nullable Egress> then) {
    Route.Egress policy = table.egress(address);
    if (policy != null || System.nanoTime() - deadline > 0) {
      then.accept(policy);
    } else {
      loop.schedule(() -> whenKnown(loop, address, deadline, then), LOOK_MS, TimeUnit.MILLISECONDS);
    }
  }

  /** The same, on a thread that may wait. */
  Route.@Nullable Egress await(InetAddress client) {
    long deadline = System.nanoTime() + PATIENCE_MS * 1_000_000;
    Route.Egress policy = table.egress(client.getHostAddress());
    while (policy == null && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MS));
      policy = table.egress(client.getHostAddress());
    }
    return policy;
  }

  /** Watches something of a channel until it closes, and tells whether it is one too many. */
  Room watch(Channel channel, Open what) {
    String address = address(channel);
    Entry entry = new Entry(channel.eventLoop(), what);
    Set<Entry> all =
        open.compute(
            address,
            (key, there) -> {
              Set<Entry> entries = there == null ? ConcurrentHashMap.newKeySet() : there;
              entries.add(entry);
              return entries;
            });
    channel
        .closeFuture()
        .addListener(closed ->
            open.computeIfPresent(
                address,
                (key, entries) -> {
                  entries.remove(entry);
                  return entries.isEmpty() ? null : entries;
                }));
    int count = all.size();
    if (count <= MOST_OF_ONE) {
      return Room.LEFT;
    }
    return count <= MOST_OF_ONE + MOST_TOLD ? Room.NONE : Room.EXHAUSTED;
  }

  /** Watches this no longer: something else of the channel is watched instead. */
  void leave(Channel channel, Open what) {
    open.computeIfPresent(
        address(channel),
        (key, entries) -> {
          entries.removeIf(entry -> entry.what().equals(what));
          return entries.isEmpty() ? null : entries;
        });
  }

  private void changed(String address) {
    if (address.isEmpty()) {
      open.keySet().forEach(this::changed);
      return;
    }
    for (Entry entry : open.getOrDefault(address, Set.of())) {
      entry.loop().execute(() -> recheck(address, entry.what()));
    }
  }

  /** Has something of a channel looked at, by what holds now; on its event loop. */
  void recheck(Channel channel, Open what) {
    recheck(address(channel), what);
  }

  /** A sandbox that lives on without a policy is told apart from one that nothing is known of. */
  private void recheck(String address, Open what) {
    Route.Egress policy = table.egress(address);
    if (policy == null && table.isRunning(address)) {
      what.release();
    } else {
      what.recheck(policy);
    }
  }
}
