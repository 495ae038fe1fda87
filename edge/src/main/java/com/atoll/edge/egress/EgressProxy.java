package com.atoll.edge.egress;

import com.atoll.edge.dns.DnsServer;
import com.atoll.edge.dns.Resolver;
import com.atoll.edge.routes.Feed;
import com.atoll.edge.routes.RouteTable;
import com.atoll.edge.transport.RelayEpoll;
import com.atoll.platform.Installation;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Listens where the kernel brings what guarded sandboxes meant for ports 80, 443 and 53. The
 * address is the node's, which may put it up later: the proxy keeps trying.
 */
public final class EgressProxy implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EgressProxy.class);
  private static final int BACKLOG = 1_024;
  private static final long RETRY_MS = 250;

  /**
   * What a sandbox has said and nobody has read: no way is long enough for more, and all of it
   * becomes this process's as the sandbox hangs up.
   */
  private static final int HELD_BY_KERNEL = 256 << 10;

  private final Installation installation;
  private final Door door;
  private final DnsServer dns;
  private final MultiThreadIoEventLoopGroup loops;
  private final List<Channel> listeners = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  /** A proxy that decides by this table and tells this feed. */
  public EgressProxy(Installation installation, RouteTable table, Feed feed, Resolver resolver)
      throws IOException, GeneralSecurityException {
    this.installation = installation;
    Callers callers = new Callers(table);
    Audit audit = new Audit(feed::call);
    Inspection inspection = Inspection.open(installation);
    ObjectNode hello = JsonMapper.shared().createObjectNode();
    feed.greeting(hello.put("type", "hello").put("egress_authority", inspection.pem()));
    Dialer dialer = new ResolvingDialer(resolver, new Ranges(installation));
    door = new Door(callers, dialer, audit, inspection, new Injections(feed));
    Inet4Address address = Inet4Address.ofLiteral(installation.gatewayAddress());
    dns =
        new DnsServer(
            installation.gatewayAddress(),
            installation.egressDnsPort(),
            new GuardedResolver(callers, resolver, address, audit));
    loops =
        new MultiThreadIoEventLoopGroup(
            Math.min(4, Runtime.getRuntime().availableProcessors()),
            new DefaultThreadFactory("egress", true),
            RelayEpoll.factory());
  }

  /** Begins to listen, or to try. */
  public void start() {
    dns.start();
    Thread.ofVirtual()
        .name("egress-http")
        .start(() ->
            listen(
                installation.egressHttpPort(),
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    String caller = Callers.address(channel);
                    channel
                        .pipeline()
                        .addLast(new Opening(door, 80, then -> door.speakHttp(then, caller, "")));
                  }
                }));
    Thread.ofVirtual()
        .name("egress-tls")
        .start(() ->
            listen(
                installation.egressTlsPort(),
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Opening(door, 443, EgressProxy.this::speakTls));
                  }
                }));
  }

  private void speakTls(ChannelPipeline pipeline) {
    Channel channel = pipeline.channel();
    pipeline.addLast(new TlsFront(door, Callers.address(channel)));
    channel.config().setAutoRead(true);
  }

  private void listen(int port, ChannelInitializer<Channel> handlers) {
    InetSocketAddress address = new InetSocketAddress(installation.gatewayAddress(), port);
    boolean told = false;
    while (!closed) {
      var bound =
          new ServerBootstrap()
              .group(loops)
              .channel(EpollServerSocketChannel.class)
              .option(ChannelOption.SO_BACKLOG, BACKLOG)
              .option(ChannelOption.SO_REUSEADDR, true)
              .childOption(ChannelOption.AUTO_READ, false)
              .childOption(ChannelOption.TCP_NODELAY, true)
              .childOption(ChannelOption.SO_RCVBUF, HELD_BY_KERNEL)
              .childOption(
                  ChannelOption.WRITE_BUFFER_WATER_MARK,
                  new WriteBufferWaterMark(64 << 10, 256 << 10))
              .childHandler(handlers)
              .bind(address)
              .awaitUninterruptibly();
      if (bound.isSuccess()) {
        listeners.add(bound.channel());
        return;
      }
      if (!told) {
        told = true;
        log.info("the egress proxy waits for {}: {}", address, bound.cause().getMessage());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(RETRY_MS));
    }
  }

  @Override
  public void close() {
    closed = true;
    dns.close();
    listeners.forEach(Channel::close);
    loops.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS).awaitUninterruptibly(1_000);
  }
}
