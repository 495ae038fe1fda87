package com.atoll.edge.egress;

import com.atoll.edge.routes.Feed;
import com.atoll.edge.routes.Route;
import com.atoll.edge.routes.RouteTable;
import com.atoll.edge.routes.Tables;
import com.atoll.edge.transport.RelayEpoll;
import com.atoll.platform.Installation;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/**
 * The proxy's door on loopback, for one caller whose names all lead to one host. The host says
 * nothing by itself: tests take its connections and answer.
 */
final class ProxyHarness implements AutoCloseable {
  static final String NAME = "api.test";
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  final BlockingQueue<ObjectNode> rows = new LinkedBlockingQueue<>();
  final Door door;
  private final Channel http;
  private final Channel opened;
  private final Channel tls;
  private final RouteTable table;
  private final ServerSocket host = new ServerSocket(0, 16, LOOPBACK);
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, RelayEpoll.factory());

  ProxyHarness(Path home, Route.Egress policy) throws IOException, GeneralSecurityException {
    host.setSoTimeout(10_000);
    table = Tables.of();
    Files.createDirectories(home.resolve("edge"));
    Feed feed =
        new Feed(
            home.resolve("feed"),
            home.resolve("routes.json"),
            table,
            (departed, done) -> done.run());
    door =
        new Door(
            new Callers(table),
            this::dial,
            new Audit(rows::add),
            Inspection.open(installation(home)),
            new Injections(feed));
    http = listen(one -> door.speakHttp(one.pipeline(), Callers.address(one), ""));
    opened = listen(one -> door.speakHttp(one.pipeline(), Callers.address(one), NAME));
    tls =
        listen(one -> {
          one.pipeline().addLast(new TlsFront(door, Callers.address(one)));
          one.config().setAutoRead(true);
        });
    change(policy);
  }

  static Installation installation(Path home) {
    return new Installation(
        "test",
        home,
        home,
        home,
        0,
        0,
        List.of(),
        "localhost",
        "http",
        0,
        0,
        0,
        0,
        "10.7.0.0/16",
        "127.0.0.1",
        0,
        1,
        65_536,
        1,
        null,
        0,
        List.of(),
        List.of(),
        0,
        false);
  }

  /** Opens {@link #NAME} alone, or only watches and would refuse everything. */
  static Route.Egress policy(boolean enforce) {
    var rule = new Route.EgressRule("rule_1", true, NAME, Set.of(), "", Set.of());
    return new Route.Egress(
        "egress/sbx_1",
        "sbx_1",
        LOOPBACK.getHostAddress(),
        1,
        "egp_1",
        enforce,
        false,
        enforce ? List.of(rule) : List.of(),
        List.of());
  }

  /** Opens nothing. */
  static Route.Egress shut() {
    return new Route.Egress(
        "egress/sbx_1",
        "sbx_1",
        LOOPBACK.getHostAddress(),
        2,
        "egp_2",
        true,
        false,
        List.of(),
        List.of());
  }

  void change(Route.Egress policy) {
    Tables.put(table, policy);
  }

  /** The caller has no policy any more; whether its sandbox lives on. */
  void forget(boolean lives) {
    Route.Sandbox sandbox =
        new Route.Sandbox(
            "sandbox/sbx_1",
            "slug",
            "sbx_1",
            Route.State.RUNNING,
            LOOPBACK.getHostAddress(),
            1,
            Set.of(),
            false,
            false,
            Set.of(),
            Map.of(),
            0,
            "org_1");
    if (lives) {
      Tables.put(table, sandbox);
    }
    Tables.remove(table, "egress/sbx_1");
  }

  /** The caller's sandbox is no more. */
  void end() {
    Tables.remove(table, "sandbox/sbx_1");
  }

  private Promise<Channel> dial(
      EventLoop loop,
      String name,
      int port,
      Route.Egress policy,
      Verdict allowed,
      ChannelInitializer<Channel> handlers) {
    Promise<Channel> promise = loop.newPromise();
    var connecting =
        new Bootstrap()
            .group(loop)
            .channel(EpollSocketChannel.class)
            .option(ChannelOption.AUTO_READ, false)
            .handler(handlers)
            .connect(LOOPBACK, host.getLocalPort());
    connecting.addListener(done -> {
      if (done.isSuccess()) {
        promise.setSuccess(connecting.channel());
      } else {
        promise.setFailure(new Refusal.Refused(Refusal.UNREACHABLE));
      }
    });
    return promise;
  }

  /** A connection of the caller to port 80. */
  Socket call() throws IOException {
    return connect(http);
  }

  /** A connection of the caller to port 443. */
  Socket callSecurely() throws IOException {
    return connect(tls);
  }

  /** What the proxy reads of the caller's TLS to {@link #NAME} once it is opened. */
  Socket callOpened() throws IOException {
    return connect(opened);
  }

  private Socket connect(Channel listener) throws IOException {
    Socket socket = new Socket();
    socket.connect((InetSocketAddress) listener.localAddress(), 5_000);
    socket.setSoTimeout(10_000);
    return socket;
  }

  private Channel listen(Consumer<Channel> handlers) {
    return new ServerBootstrap()
        .group(loops)
        .channel(EpollServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, 1_024)
        .childOption(ChannelOption.AUTO_READ, false)
        .childHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                handlers.accept(channel);
              }
            })
        .bind(LOOPBACK, 0)
        .syncUninterruptibly()
        .channel();
  }

  /** The next connection to the host. */
  Socket accept() throws IOException {
    Socket socket = host.accept();
    socket.setSoTimeout(10_000);
    return socket;
  }

  /** Says this, each character a byte. */
  static void say(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Hangs up. */
  static void leave(Socket socket) throws IOException {
    socket.close();
  }

  /** What comes, up to and with this. */
  static String hear(Socket from, String end) throws IOException {
    StringBuilder heard = new StringBuilder();
    while (heard.indexOf(end) < 0) {
      int next = from.getInputStream().read();
      if (next < 0) {
        break;
      }
      heard.append((char) next);
    }
    return heard.toString();
  }

  /** The next row of the audit. */
  ObjectNode row() throws InterruptedException {
    return Objects.requireNonNull(rows.poll(5, TimeUnit.SECONDS), "nothing is written down");
  }

  @Override
  public void close() throws IOException {
    host.close();
    loops.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS).awaitUninterruptibly(2_000);
  }
}
