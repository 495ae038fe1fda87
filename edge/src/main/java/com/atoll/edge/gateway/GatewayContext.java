package com.atoll.edge.gateway;

import com.atoll.edge.hosts.Hosts;
import com.atoll.edge.routes.Feed;
import com.atoll.edge.traffic.Journal;
import com.atoll.edge.traffic.Traffic;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What all clients' handlers share. */
final class GatewayContext {
  private static final long COLLECT_MS = 2_000;

  private final Limits limits;
  private final RequestCheck check;
  private final Router router;
  private final Feed feed;
  private final StaticFiles files;
  private final Map<EventLoop, UpstreamPool> pools;
  private final Traffic traffic;
  private final Map<EventLoop, Journal> journals = new HashMap<>();
  private final Set<FrontHandler> fronts = ConcurrentHashMap.newKeySet();
  private final ChannelGroup http2 = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final AtomicInteger connections = new AtomicInteger();
  private final Clients clients;
  private volatile boolean draining;

  GatewayContext(
      Limits limits,
      Hosts hosts,
      Router router,
      Feed feed,
      StaticFiles files,
      Map<EventLoop, UpstreamPool> pools,
      Traffic traffic) {
    this.limits = limits;
    this.clients = new Clients(limits.connections() / 4);
    this.check = new RequestCheck(hosts, limits);
    this.router = router;
    this.feed = feed;
    this.files = files;
    this.pools = pools;
    this.traffic = traffic;
    pools.keySet().forEach(loop -> journals.put(loop, new Journal()));
  }

  Limits limits() {
    return limits;
  }

  RequestCheck check() {
    return check;
  }

  Router router() {
    return router;
  }

  Feed feed() {
    return feed;
  }

  StaticFiles files() {
    return files;
  }

  UpstreamPool pool(EventLoop loop) {
    UpstreamPool pool = pools.get(loop);
    if (pool == null) {
      throw new IllegalStateException("not one of the gateway's event loops");
    }
    return pool;
  }

  Traffic traffic() {
    return traffic;
  }

  Journal journal(EventLoop loop) {
    Journal journal = journals.get(loop);
    if (journal == null) {
      throw new IllegalStateException("not one of the gateway's event loops");
    }
    return journal;
  }

  /** Has each loop hand over what it served, again and again. */
  void startJournals() {
    journals.forEach((loop, journal) -> {
      var _ =
          loop.scheduleWithFixedDelay(
              () -> traffic.collect(journal), COLLECT_MS, COLLECT_MS, TimeUnit.MILLISECONDS);
    });
    traffic.start();
  }

  /** Hands over what is left. */
  void closeJournals() {
    journals.forEach((loop, journal) -> {
      if (!loop.isShuttingDown()) {
        loop.submit(() -> traffic.collect(journal)).awaitUninterruptibly(COLLECT_MS);
      }
    });
    traffic.close();
  }

  /** Counts a connection in; false when there are too many, of all or of this client. */
  boolean admit(@Nullable InetAddress client) {
    int all = connections.incrementAndGet();
    return clients.enter(client) && all <= limits.connections();
  }

  /** Counts a connection out that was counted in, admitted or not. */
  void leave(@Nullable InetAddress client) {
    clients.leave(client);
    connections.decrementAndGet();
  }

  void opened(FrontHandler front) {
    fronts.add(front);
  }

  void closed(FrontHandler front) {
    fronts.remove(front);
  }

  void openedHttp2(Channel connection) {
    http2.add(connection);
  }

  boolean isDraining() {
    return draining;
  }

  void drain() {
    draining = true;
    fronts.forEach(FrontHandler::drainSoon);
    // Says goodbye and ends each connection after its streams.
    http2.close();
  }

  boolean isBusy() {
    return fronts.stream().anyMatch(FrontHandler::isBusy);
  }
}
