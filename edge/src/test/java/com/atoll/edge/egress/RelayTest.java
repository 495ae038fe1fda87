package com.atoll.edge.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.edge.transport.RelayEpoll;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two connections that are one to those at their ends. */
final class RelayTest {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final byte[] LARGE = new byte[4 << 20];

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, RelayEpoll.factory());
  private ServerSocket host;
  private Channel listener;
  private volatile @Nullable Channel near;

  @BeforeEach
  void start() throws Exception {
    host = new ServerSocket(0, 4, LOOPBACK);
    host.setSoTimeout(10_000);
    listener =
        new ServerBootstrap()
            .group(loops)
            .channel(EpollServerSocketChannel.class)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(new Joining())
            .bind(LOOPBACK, 0)
            .syncUninterruptibly()
            .channel();
  }

  @AfterEach
  void stop() throws Exception {
    host.close();
    loops.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS).awaitUninterruptibly(2_000);
  }

  private final class Joining extends ChannelInboundHandlerAdapter {
    @Override
    public boolean isSharable() {
      return true;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      near = ctx.channel();
      var connecting =
          new Bootstrap()
              .group(ctx.channel().eventLoop())
              .channel(EpollSocketChannel.class)
              .option(ChannelOption.AUTO_READ, false)
              .handler(Opening.nothing())
              .connect(LOOPBACK, host.getLocalPort());
      connecting.addListener(done -> {
        Relay.joinHalves(ctx.channel(), connecting.channel());
        ctx.pipeline().remove(this);
        ctx.channel().read();
        connecting.channel().read();
      });
    }
  }

  private Socket call() throws IOException {
    Socket socket = new Socket();
    socket.connect((InetSocketAddress) listener.localAddress(), 5_000);
    socket.setSoTimeout(10_000);
    return socket;
  }

  private Socket accept() throws IOException {
    Socket socket = host.accept();
    socket.setSoTimeout(10_000);
    return socket;
  }

  @Test
  void whoHasSaidAllStillHearsTheAnswer() throws Exception {
    try (Socket caller = call();
        Socket far = accept()) {
      Thread.ofVirtual().start(() -> say(caller, LARGE));
      assertEquals(LARGE.length, far.getInputStream().readAllBytes().length);
      Thread.ofVirtual().start(() -> say(far, LARGE));
      assertEquals(LARGE.length, caller.getInputStream().readAllBytes().length);
    }
  }

  @Test
  void aHostThatHasSaidAllStillHearsTheRest() throws Exception {
    try (Socket caller = call();
        Socket far = accept()) {
      say(far, new byte[] {1});
      assertEquals(1, caller.getInputStream().readAllBytes().length);
      say(caller, LARGE);
      assertEquals(LARGE.length, far.getInputStream().readAllBytes().length);
    }
  }

  /** So slowly that what is said to it has to wait on its way. */
  private static int hearSlowly(Socket socket) throws Exception {
    byte[] some = new byte[128 << 10];
    int heard = 0;
    for (int more = 0; more >= 0; more = socket.getInputStream().read(some)) {
      heard += more;
      TimeUnit.MILLISECONDS.sleep(5);
    }
    return heard;
  }

  @Test
  void whoHasSaidAllHearsALongAnswerSlowly() throws Exception {
    byte[] answer = new byte[24 << 20];
    try (Socket caller = call();
        Socket far = accept()) {
      say(caller, new byte[] {1});
      assertEquals(1, far.getInputStream().readAllBytes().length);
      Thread.ofVirtual().start(() -> say(far, answer));
      assertEquals(answer.length, hearSlowly(caller));
    }
  }

  @Test
  void aHostThatHasSaidAllHearsTheRestSlowly() throws Exception {
    byte[] rest = new byte[24 << 20];
    try (Socket caller = call();
        Socket far = accept()) {
      say(far, new byte[] {1});
      assertEquals(1, caller.getInputStream().readAllBytes().length);
      Thread.ofVirtual().start(() -> say(caller, rest));
      assertEquals(rest.length, hearSlowly(far));
    }
  }

  @Test
  void whatIsSaidToWhoeverLeftEndsBothConnections() throws Exception {
    try (Socket far = left()) {
      assertEquals(-1, far.getInputStream().read());
      // The first byte is refused by the caller's machine, and that ends this side.
      for (int i = 0; i < 200 && isOpen(far); i++) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      assertEquals(false, isOpen(far));
    }
  }

  /** What waits for the caller to take it. */
  private long kept() {
    ChannelOutboundBuffer waiting = Objects.requireNonNull(near).unsafe().outboundBuffer();
    return waiting == null ? 0 : waiting.totalPendingWriteBytes();
  }

  @Test
  void ofAHostThatHasSaidAllNoMoreIsKeptThanUsual() throws Exception {
    byte[] answer = new byte[24 << 20];
    try (Socket caller = call();
        Socket far = accept()) {
      Thread.ofVirtual().start(() -> say(far, answer));
      byte[] some = new byte[128 << 10];
      int heard = 0;
      long most = 0;
      for (int more = 0; more >= 0; more = caller.getInputStream().read(some)) {
        heard += more;
        TimeUnit.MILLISECONDS.sleep(5);
        most = Math.max(most, kept());
      }
      assertEquals(answer.length, heard);
      assertTrue(most < 1 << 20, most + " bytes are kept");
    }
  }

  private Socket left() throws IOException {
    try (Socket caller = call()) {
      say(caller, new byte[0]);
      return accept();
    }
  }

  private static boolean isOpen(Socket socket) {
    try {
      socket.getOutputStream().write(1);
      return true;
    } catch (IOException reset) {
      return false;
    }
  }

  /** Says this and that it is all. */
  private static void say(Socket socket, byte[] what) {
    try {
      socket.getOutputStream().write(what);
      socket.shutdownOutput();
    } catch (IOException ended) {
      throw new IllegalStateException(ended);
    }
  }
}
