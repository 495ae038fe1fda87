package com.atoll.edge.gateway;

import com.atoll.edge.routes.Owner;
import com.atoll.edge.routes.RouteTable;
import io.netty.channel.EventLoop;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The upstream connections of one event loop; used from that loop only. */
final class UpstreamPool implements UpstreamDialer.Outcome {
  private static final int MOST_IDLE = 128;

  /** How soon whoever is connected to a port is cut off that was closed, or is not theirs. */
  private static final long LOOK_S = 2;

  private final EventLoop loop;
  private final RouteTable table;
  private final Limits limits;
  private final UpstreamDialer dialer;
  private final Map<Upstream, ArrayDeque<UpstreamConnection>> idle = new HashMap<>();
  private final Map<Owner, Set<UpstreamConnection>> open = new HashMap<>();
  private final Map<Owner, List<Runnable>> leaving = new HashMap<>();
  private boolean sweeping;
  private boolean looking;

  UpstreamPool(
      EventLoop loop, RouteTable table, Limits limits, Path apiSocket, Path streamsSocket) {
    this.loop = loop;
    this.table = table;
    this.limits = limits;
    this.dialer = new UpstreamDialer(loop, limits, apiSocket, streamsSocket);
  }

  boolean hasIdle(Upstream upstream) {
    ArrayDeque<UpstreamConnection> waiting = idle.get(upstream);
    return waiting != null && !waiting.isEmpty();
  }

  /**
   * Leases a connection.
   *
   * @param fresh whether only a new connection will do
   * @param careful whether the request could not be repeated if a kept connection turned out dead
   */
  void acquire(Upstream upstream, boolean fresh, boolean careful, UpstreamUser user) {
    // Only who tries again may have been let in before the port was closed.
    if (!table.isLive(upstream.owner()) || (fresh && isClosed(upstream))) {
      user.connectFailed(UpstreamFailure.GONE);
      return;
    }
    ArrayDeque<UpstreamConnection> waiting = fresh ? null : idle.get(upstream);
    if (waiting != null) {
      UpstreamConnection kept;
      while ((kept = waiting.pollLast()) != null) {
        if (kept.isUsable(careful) && !kept.isExpired(System.nanoTime())) {
          kept.lease(user);
          user.connected(kept, true);
          return;
        }
        kept.close();
      }
    }
    connect(upstream, user);
  }

  private void connect(Upstream upstream, UpstreamUser user) {
    UpstreamConnection connection = new UpstreamConnection(this, upstream, user);
    open.computeIfAbsent(upstream.owner(), owner -> new HashSet<>()).add(connection);
    dialer.dial(connection, this);
    if (!looking) {
      looking = true;
      loop.schedule(this::look, LOOK_S, TimeUnit.SECONDS);
    }
  }

  /** Cuts off who is connected to ports that have been closed, or are no longer open to them. */
  private void look() {
    open.values().stream()
        .flatMap(Set::stream)
        .filter(connection -> isClosed(connection.upstream()))
        .toList()
        .forEach(connection -> {
          connection.evict();
          connection.close();
        });
    open.values().stream()
        .flatMap(Set::stream)
        .map(UpstreamConnection::user)
        .filter(Objects::nonNull)
        .toList()
        .forEach(UpstreamUser::look);
    looking = !open.isEmpty();
    if (looking) {
      loop.schedule(this::look, LOOK_S, TimeUnit.SECONDS);
    }
  }

  private boolean isClosed(Upstream upstream) {
    return switch (upstream) {
      case Upstream.Api api -> false;
      case Upstream.Direct direct -> table.isClosed(direct.owner(), direct.port());
      case Upstream.Forward forward -> table.isClosed(forward.owner(), forward.port());
    };
  }

  @Override
  public void ready(UpstreamConnection connection) {
    UpstreamUser user = connection.user();
    if (user == null || connection.isEvicted()) {
      connection.leave();
      connection.close();
      if (user != null) {
        user.connectFailed(UpstreamFailure.GONE);
      }
      return;
    }
    user.connected(connection, false);
  }

  @Override
  public void failed(UpstreamConnection connection, UpstreamFailure failure) {
    UpstreamUser user = connection.user();
    connection.leave();
    closed(connection);
    if (user != null) {
      user.connectFailed(connection.isEvicted() ? UpstreamFailure.GONE : failure);
    }
  }

  /**
   * Takes a connection back; {@code keepMs} is how long the peer said it keeps it, or a negative.
   */
  void release(UpstreamConnection connection, long keepMs) {
    connection.leave();
    ArrayDeque<UpstreamConnection> waiting =
        idle.computeIfAbsent(connection.upstream(), key -> new ArrayDeque<>());
    if (!connection.isUsable(false)
        || waiting.size() >= MOST_IDLE
        || !table.isLive(connection.upstream().owner())) {
      connection.close();
      return;
    }
    long standard =
        (connection.upstream() instanceof Upstream.Api ? limits.apiIdle() : limits.guestIdle())
            .toNanos();
    long nanos =
        keepMs < 0
            ? standard
            : Math.min(standard, TimeUnit.MILLISECONDS.toNanos(Math.max(0, keepMs - 1_000)));
    connection.channel().config().setAutoRead(true);
    connection.idleUntil(System.nanoTime() + nanos);
    waiting.addLast(connection);
    if (!sweeping) {
      sweeping = true;
      loop.schedule(this::sweep, 1, TimeUnit.SECONDS);
    }
  }

  private void sweep() {
    long now = System.nanoTime();
    List<UpstreamConnection> expired = new ArrayList<>();
    for (ArrayDeque<UpstreamConnection> waiting : idle.values()) {
      waiting.removeIf(connection -> {
        boolean old = connection.isExpired(now) || !connection.isUsable(false);
        if (old) {
          expired.add(connection);
        }
        return old;
      });
    }
    idle.values().removeIf(ArrayDeque::isEmpty);
    expired.forEach(UpstreamConnection::close);
    sweeping = !idle.isEmpty();
    if (sweeping) {
      loop.schedule(this::sweep, 1, TimeUnit.SECONDS);
    }
  }

  /** The owner has left: closes its connections, those in use too unless they may drain. */
  void evict(Owner owner, boolean drain, Runnable done) {
    Set<UpstreamConnection> connections = open.get(owner);
    if (connections == null || connections.isEmpty()) {
      done.run();
      return;
    }
    leaving.computeIfAbsent(owner, key -> new ArrayList<>()).add(done);
    for (UpstreamConnection connection : List.copyOf(connections)) {
      boolean close = connection.isIdle() || !drain;
      connection.evict();
      if (close) {
        connection.close();
      }
    }
    if (drain) {
      loop.schedule(() -> closeAll(owner), limits.drain().toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void closeAll(Owner owner) {
    if (!table.isLive(owner)) {
      List.copyOf(open.getOrDefault(owner, Set.of())).forEach(UpstreamConnection::close);
    }
  }

  void closed(UpstreamConnection connection) {
    ArrayDeque<UpstreamConnection> waiting = idle.get(connection.upstream());
    if (waiting != null) {
      waiting.remove(connection);
    }
    Owner owner = connection.upstream().owner();
    Set<UpstreamConnection> connections = open.get(owner);
    if (connections != null && connections.remove(connection) && connections.isEmpty()) {
      open.remove(owner);
      List<Runnable> waitingForIt = leaving.remove(owner);
      if (waitingForIt != null) {
        waitingForIt.forEach(Runnable::run);
      }
    }
  }

  /** Connections that are open now, idle or not; for tests and figures. */
  int openConnections() {
    return open.values().stream().mapToInt(Set::size).sum();
  }
}
