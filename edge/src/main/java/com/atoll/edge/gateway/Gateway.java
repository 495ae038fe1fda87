package com.atoll.edge.gateway;

import com.atoll.edge.hosts.Hosts;
import com.atoll.edge.hosts.Target;
import com.atoll.edge.routes.Departed;
import com.atoll.edge.routes.Feed;
import com.atoll.edge.routes.Owner;
import com.atoll.edge.routes.RouteTable;
import com.atoll.edge.tls.Authority;
import com.atoll.edge.tls.ServerKeys;
import com.atoll.edge.traffic.Traffic;
import com.atoll.edge.transport.RelayEpoll;
import com.atoll.platform.Installation;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The public ports: HTTP and HTTPS on every address the installation binds. */
public final class Gateway implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Gateway.class);
  private static final int BACKLOG = 4_096;
  private static final int WRITE_LOW = 64 << 10;
  private static final int WRITE_HIGH = 256 << 10;

  private final Installation installation;
  private final Hosts hosts;
  private final RouteTable table = new RouteTable();
  private final MultiThreadIoEventLoopGroup loops;
  private final Map<EventLoop, UpstreamPool> pools = new HashMap<>();
  private final Feed feed;
  private final GatewayContext context;
  private final List<Channel> plain = new ArrayList<>();
  private final List<Channel> secure = new ArrayList<>();

  /** Loads the kept routes; {@link #start} opens the ports. */
  public Gateway(Installation installation, Limits limits) {
    this.installation = installation;
    this.hosts = new Hosts(installation.domain());
    this.loops =
        new MultiThreadIoEventLoopGroup(
            Runtime.getRuntime().availableProcessors(),
            new DefaultThreadFactory("loop", true),
            RelayEpoll.factory());
    for (EventExecutor executor : loops) {
      EventLoop loop = (EventLoop) executor;
      pools.put(
          loop,
          new UpstreamPool(
              loop, table, limits, installation.serverSocket(), installation.streamsSocket()));
    }
    this.feed =
        new Feed(
            installation.feedSocket(),
            installation.home().resolve("edge/routes.json"),
            table,
            this::departed);
    this.context =
        new GatewayContext(
            limits,
            hosts,
            new Router(hosts, table, feed, limits),
            feed,
            new StaticFiles(installation.exports()),
            pools,
            new Traffic(installation.home().resolve("edge/traffic"), feed));
  }

  /** Opens the ports and begins to follow the server. */
  public void start() throws IOException, GeneralSecurityException {
    // The kept routes are served before anything else is made ready: a restart is not to be
    // noticed.
    for (String address : installation.bind()) {
      plain.add(listen(address, installation.httpPort(), new PlainInitializer(context)));
    }
    feed.start();
    context.startJournals();
    Authority authority = Authority.open(installation.home().resolve("edge/ca"), installation.id());
    ServerKeys keys = new ServerKeys(authority, ownNames(), this::certified);
    ChannelHandler tls = new TlsInitializer(context, keys);
    for (String address : installation.bind()) {
      secure.add(listen(address, installation.tlsPort(), tls));
    }
    log.info("serving {} on {}", installation.domain(), installation.bind());
  }

  private List<String> ownNames() {
    List<String> names = new ArrayList<>();
    names.add(hosts.domain());
    hosts.apiHosts().stream().filter(name -> !names.contains(name)).sorted().forEach(names::add);
    for (String name : List.of("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1")) {
      if (!names.contains(name)) {
        names.add(name);
      }
    }
    installation.bind().stream().filter(address -> !names.contains(address)).forEach(names::add);
    return names;
  }

  /**
   * The name in the certificate for a host. The API answers for the ports of E2B's SDKs when their
   * sandbox is gone too; one certificate does for all of those, so that asking for many costs
   * nothing.
   */
  private @Nullable String certified(String name) {
    if (isServed(name)) {
      return name;
    }
    return hosts.resolve(name) instanceof Target.SandboxPort gone
            && Router.E2B_PORTS.contains(gone.port())
        ? hosts.everySandbox()
        : null;
  }

  private boolean isServed(String name) {
    return switch (hosts.resolve(name)) {
      case Target.Api api -> true;
      case Target.SandboxPort preview -> table.sandbox(preview.slug()) != null;
      case Target.Named named -> isNamed(named.host());
      case Target.Unknown unknown -> false;
    };
  }

  private boolean isNamed(String host) {
    RouteTable.Preview preview = table.preview(host);
    return preview == null ? table.site(host) != null : table.sandbox(preview) != null;
  }

  private Channel listen(String address, int port, ChannelHandler children) throws IOException {
    var bound =
        new ServerBootstrap()
            .group(loops)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(WRITE_LOW, WRITE_HIGH))
            .childHandler(children)
            .bind(new InetSocketAddress(InetAddress.getByName(address), port))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("cannot listen on " + address + " port " + port, bound.cause());
    }
    return bound.channel();
  }

  private void departed(Departed departed, Runnable done) {
    int owners = departed.atOnce().size() + departed.drained().size();
    AtomicInteger left = new AtomicInteger(Math.max(1, owners * pools.size()));
    Runnable one =
        () -> {
          if (left.decrementAndGet() == 0) {
            done.run();
          }
        };
    if (owners == 0) {
      one.run();
    }
    pools.forEach((loop, pool) ->
        loop.execute(() -> {
          for (Owner owner : departed.atOnce()) {
            pool.evict(owner, false, one);
          }
          for (Owner owner : departed.drained()) {
            pool.evict(owner, true, one);
          }
        }));
  }

  /** The routes, which the egress proxy decides by too. */
  public RouteTable table() {
    return table;
  }

  /** The way to the server. */
  public Feed feed() {
    return feed;
  }

  /** The port that answers HTTP; of interest when the installation said 0. */
  public int httpPort() {
    return ((InetSocketAddress) plain.getFirst().localAddress()).getPort();
  }

  /** The port that answers HTTPS. */
  public int tlsPort() {
    return ((InetSocketAddress) secure.getFirst().localAddress()).getPort();
  }

  /** Takes nothing new, lets requests finish for a while, then ends them. */
  public void close(long patienceMs) {
    plain.forEach(channel -> channel.close().awaitUninterruptibly());
    secure.forEach(channel -> channel.close().awaitUninterruptibly());
    context.drain();
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMs);
    while (context.isBusy() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    context.closeJournals();
    feed.close();
    loops.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS).awaitUninterruptibly(1_000);
  }

  @Override
  public void close() {
    close(5_000);
  }
}
