package com.atoll.edge.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.edge.dns.Resolvers;
import com.atoll.edge.routes.Route;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One sandbox that calls hosts whose names nobody tells for a long time, and another one. */
final class ResolvingDialerTest {
  private static final InetAddress UPSTREAM = InetAddress.ofLiteral("127.0.0.6");

  /** No sandbox is connected to it, so that a name that leads there has been looked up. */
  private static final Inet4Address CLOSED = Inet4Address.ofLiteral("127.0.0.9");

  private static final int EACH = 32;

  @TempDir Path home;
  private final Map<SocketAddress, byte[]> held = new ConcurrentHashMap<>();
  private DatagramSocket upstream;
  private MultiThreadIoEventLoopGroup loops;
  private Dialer dialer;

  @BeforeEach
  void start() throws Exception {
    upstream = new DatagramSocket(0, UPSTREAM);
    Thread.ofVirtual().start(this::answer);
    loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    dialer =
        new ResolvingDialer(
            Resolvers.asking(home, UPSTREAM.getHostAddress(), upstream.getLocalPort()),
            new Ranges(ProxyHarness.installation(home)));
  }

  @AfterEach
  void stop() {
    upstream.close();
    loops.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS).awaitUninterruptibly(2_000);
  }

  private void answer() {
    try {
      while (!upstream.isClosed()) {
        DatagramPacket packet = new DatagramPacket(new byte[512], 512);
        upstream.receive(packet);
        byte[] query = Arrays.copyOf(packet.getData(), packet.getLength());
        if (Resolvers.name(query).endsWith("slow.test")) {
          held.put(packet.getSocketAddress(), query);
        } else {
          answer(packet.getSocketAddress(), query);
        }
      }
    } catch (IOException closed) {
      upstream.close();
    }
  }

  private void answer(SocketAddress to, byte[] query) throws IOException {
    byte[] answer = Resolvers.answer(query, CLOSED);
    upstream.send(new DatagramPacket(answer, answer.length, to));
  }

  private Promise<Channel> dial(String sandbox, String host) {
    EventLoop loop = (EventLoop) loops.next();
    Route.Egress any =
        new Route.Egress(
            "egress/" + sandbox, sandbox, "10.7.0.2", 1, "", true, true, List.of(), List.of());
    return dialer.dial(loop, host, 80, any, new Verdict(Verdict.Kind.ALLOW, ""), Opening.nothing());
  }

  private static Refusal refusal(Promise<Channel> dialed) {
    assertTrue(dialed.awaitUninterruptibly(5_000));
    return Refusal.of(Objects.requireNonNull(dialed.cause()));
  }

  @Test
  void whoeverAsksForManySlowNamesKeepsNobodyElseFromCalling() throws Exception {
    assertEquals(Refusal.ADDRESS, refusal(dial("sbx_a", "known.test")));
    List<Promise<Channel>> greedy = new ArrayList<>();
    for (int i = 0; i < 256; i++) {
      greedy.add(dial("sbx_a", "n" + i + ".slow.test"));
    }
    eventually(() -> greedy.stream().filter(Promise::isDone).count() == 256 - EACH);
    assertEquals(Refusal.BUSY, refusal(dial("sbx_a", "more.test")));
    assertEquals(Refusal.ADDRESS, refusal(dial("sbx_b", "other.test")));
    assertEquals(Refusal.ADDRESS, refusal(dial("sbx_a", "known.test")));
    assertEquals(Refusal.ADDRESS, refusal(dial("sbx_a", "127.0.0.1")));
    for (Map.Entry<SocketAddress, byte[]> one : held.entrySet()) {
      answer(one.getKey(), one.getValue());
    }
    eventually(() -> refusal(dial("sbx_a", "more.test")) == Refusal.ADDRESS);
  }

  private static void eventually(BooleanSupplier holds) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "it stays as it is");
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }
}
