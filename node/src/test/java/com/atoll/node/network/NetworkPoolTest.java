package com.atoll.node.network;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.TestInstallation;
import com.atoll.node.linux.Descriptor;
import com.atoll.node.linux.HostProgram;
import com.atoll.node.linux.Namespaces;
import com.atoll.platform.Installation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** In the kernel of this machine, with namespaces of its own; no packet leaves the machine. */
@Timeout(60)
final class NetworkPoolTest {
  /** A refusal comes at once, unless the machine is busy. */
  private static final int PATIENCE_MILLIS = 2500;

  @TempDir Path folder;
  private Installation installation;
  private NetworkPool pool;

  @BeforeEach
  void open() throws IOException {
    installation = TestInstallation.in(folder, List.of("203.0.113.77"));
    pool = RoutedNetworkPool.open(installation, Map.of());
  }

  @AfterEach
  void down() throws IOException {
    pool.close(true);
    try (var interfaces = Files.list(Path.of("/sys/class/net"))) {
      assertFalse(
          interfaces.anyMatch(i -> i.getFileName().toString().startsWith(installation.id())));
    }
    assertFalse(nft("list", "tables").contains(installation.id()));
    HostProgram ip = HostProgram.require("ip");
    assertFalse(ip.run("address").contains(installation.gatewayAddress()));
    assertFalse(ip.run("route", "show").contains(installation.addressPool()));
  }

  /** Where an address leads that no slot has, or had a moment ago: nowhere, and never outside. */
  @Test
  void whatIsSentToASlotThatIsGoneDoesNotLeaveTheMachine() throws Exception {
    Slot slot = pool.take();
    HostProgram ip = HostProgram.require("ip");
    String address = slot.address().getHostAddress();
    assertTrue(ip.run("route", "get", address).contains(slot.hostInterface()));
    pool.give(slot);
    long until = System.nanoTime() + 20_000_000_000L;
    while (ip.run("route", "show").contains(slot.hostInterface())) {
      assertTrue(System.nanoTime() < until, "its interface stays");
    }
    // First, so that nothing is sent where it would leave.
    assertTrue(ip.run("route", "show").contains("unreachable " + installation.addressPool()));
    try (Socket socket = new Socket()) {
      assertThrows(
          NoRouteToHostException.class,
          () -> socket.connect(new InetSocketAddress(slot.address(), 80), PATIENCE_MILLIS));
    }
  }

  /** Gateways may not have heard yet that the last one who had it has left. */
  @Test
  void anAddressRestsBeforeSomebodyElseHasIt() throws Exception {
    pool.close(true);
    pool =
        RoutedNetworkPool.open(TestInstallation.withPool(installation, "100.98.7.0/30"), Map.of());
    Slot first = pool.take();
    Slot second = pool.take();
    assertThrows(NetworkException.class, () -> pool.take());
    pool.give(first);
    pool.give(second);
    long given = System.nanoTime();
    assertEquals(first.index(), pool.take().index());
    assertTrue(System.nanoTime() - given > 1_000_000_000L);
  }

  @Test
  void aSlotReachesTheInternetUnderTheHostsAddress() throws Exception {
    try (Outside outside = new Outside(installation.id() + "out", "198.18.0.2", "198.18.0.1");
        Echo echo = outside.listen()) {
      Slot slot = pool.take();
      assertThrows(IOException.class, () -> ask(slot, outside.address, echo.port()));
      pool.unblock(slot);
      assertEquals("198.18.0.1", ask(slot, outside.address, echo.port()));
      assertTrue(pool.traffic(slot).sentBytes() > 100);
      assertTrue(pool.traffic(slot).receivedBytes() > 100);
      assertTrue(remembered(slot));
      pool.give(slot);
      pool.close();
      assertEquals(new NetworkPool.Traffic(0, 0), pool.traffic(slot));
      assertFalse(remembered(slot));
      pool = RoutedNetworkPool.open(installation, Map.of());
    }
  }

  @Test
  void deniedRangesAreRefusedUnlessAllowed() throws Exception {
    try (Outside denied = new Outside(installation.id() + "d", "203.0.113.78", "198.18.0.1");
        Outside allowed = new Outside(installation.id() + "a", "203.0.113.77", "198.18.0.5");
        Echo never = denied.listen();
        Echo echo = allowed.listen()) {
      Slot slot = opened();
      assertRefused(slot, denied.address, never.port());
      assertEquals("198.18.0.5", ask(slot, allowed.address, echo.port()));
      assertRefused(slot, InetAddress.getByName("10.255.255.53"), 53_000);
    }
  }

  @Test
  void everyRefusalIsToldAtOnce() throws Exception {
    Slot slot = opened();
    InetAddress denied = InetAddress.getByName("10.255.255.54");
    long began = System.nanoTime();
    inside(
        slot,
        () -> {
          for (int i = 0; i < 50; i++) {
            try (Socket socket = new Socket()) {
              assertThrows(
                  ConnectException.class,
                  () -> socket.connect(new InetSocketAddress(denied, 80), 2_000));
            }
          }
          return 0;
        });
    assertTrue(System.nanoTime() - began < 5_000_000_000L, "refusals are waited for");
  }

  @Test
  void oneSlotDoesNotFillTheTableOfConnections() throws Exception {
    try (Outside outside = new Outside(installation.id() + "f", "203.0.113.77", "198.18.0.21")) {
      Slot slot = opened();
      inside(
          slot,
          () -> {
            for (int port = 10_000; port < 15_000; port++) {
              try (DatagramSocket socket = new DatagramSocket(port)) {
                sendUnlessRefused(socket, new InetSocketAddress(outside.address, 9));
              }
            }
            return 0;
          });
      String own = "src=" + slot.address().getHostAddress() + " ";
      long entries;
      try (Stream<String> lines = Files.lines(Path.of("/proc/net/nf_conntrack"))) {
        entries = lines.filter(line -> line.contains(own)).count();
      }
      assertTrue(entries > 1_000 && entries <= 4_100, entries + " entries");
    }
  }

  private static void sendUnlessRefused(DatagramSocket socket, SocketAddress target) {
    try {
      socket.send(new DatagramPacket(new byte[1], 1, target));
    } catch (IOException refused) {
      assertTrue(refused.getMessage() != null);
    }
  }

  @Test
  void neitherTheHostNorAnotherSlotCanBeReached() throws Exception {
    Slot one = opened();
    Slot two = opened();
    try (Echo host = new Echo(0);
        Echo neighbor = inside(two, () -> new Echo(0))) {
      assertRefused(one, one.gateway(), host.port());
      for (String address : HostProgram.require("hostname").run("-I").split(" ", -1)) {
        if (address.contains(".")) {
          assertRefused(one, InetAddress.getByName(address), host.port());
        }
      }
      assertRefused(one, two.address(), neighbor.port());
    }
  }

  @Test
  void everyQuestionForANameGoesToTheResolverOfTheInstallation() throws Exception {
    Slot slot = opened();
    InetSocketAddress resolver = new InetSocketAddress(slot.gateway(), installation.dnsPort());
    try (DatagramSocket udp = new DatagramSocket(resolver);
        Echo tcp = new Echo(installation.dnsPort())) {
      udp.setSoTimeout(5000);
      Thread.ofPlatform().daemon().start(() -> answerOnce(udp));
      for (InetAddress anyone : List.of(slot.gateway(), InetAddress.getByName("198.51.100.8"))) {
        assertEquals(slot.address().getHostAddress(), ask(slot, anyone, 53));
      }
      assertEquals("answer", inside(slot, () -> question(slot.gateway())));
      assertNotEquals(0, tcp.port());
    }
  }

  @Test
  void onlyRootAndTheEdgeMayConnectToASlot() throws Exception {
    Slot slot = opened();
    try (Echo echo = inside(slot, () -> new Echo(0))) {
      assertEquals(slot.gateway().getHostAddress(), ask(slot.address(), echo.port()));
      assertTrue(connectAs(installation.edgeUid(), slot, echo.port()));
      assertFalse(connectAs(installation.edgeUid() - 1, slot, echo.port()));
    }
  }

  @Test
  void blockingEndsEstablishedConnectionsToo() throws Exception {
    Slot slot = opened();
    try (Echo echo = inside(slot, () -> new Echo(0));
        Socket socket = new Socket(slot.address(), echo.port())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      BufferedReader answers = reader(socket);
      assertEquals(slot.gateway().getHostAddress(), answers.readLine());
      say(socket, "one\n");
      assertEquals("one", answers.readLine());
      pool.block(slot);
      pool.block(slot);
      assertThrows(
          IOException.class,
          () -> {
            say(socket, "two\n");
            answers.readLine();
          });
    }
  }

  @Test
  void anotherAddressThanItsOwnIsDropped() throws Exception {
    Slot slot = opened();
    Slot other = opened();
    try (Outside outside = new Outside(installation.id() + "out", "198.18.0.2", "198.18.0.1");
        Echo echo = outside.listen()) {
      inside(
          slot,
          () -> {
            try (Links links = new Links()) {
              links.addAddress(Links.require("eth0"), other.address());
            }
            return 0;
          });
      assertThrows(
          IOException.class,
          () -> inside(slot, () -> ask(outside.address, echo.port(), other.address())));
      assertEquals("198.18.0.1", ask(slot, outside.address, echo.port()));
    }
  }

  @Test
  void aLiveSlotWorksOnAfterARestartAndTheRestIsSwept() throws Exception {
    Slot kept = opened();
    Slot lost = opened();
    int number = Namespaces.interfaceIndex(lost.hostInterface());
    try (Outside outside = new Outside(installation.id() + "out", "198.18.0.2", "198.18.0.1");
        Echo echo = outside.listen();
        Descriptor process = Descriptor.open(Path.of(kept.netns()), Descriptor.READ_ONLY)) {
      NetworkPool before = pool;
      pool = RoutedNetworkPool.open(installation, Map.of(kept.index(), Guard.NONE));
      // Another one may have its name already.
      assertNotEquals(number, Namespaces.interfaceIndex(lost.hostInterface()));
      Slot adopted = pool.slot(kept.index());
      assertEquals(kept.address(), adopted.address());
      assertEquals(kept.uidBase(), adopted.uidBase());
      assertEquals(
          "198.18.0.1",
          Namespaces.inNetwork(process, () -> ask(outside.address, echo.port(), kept.address())));
      assertNotEquals(kept.index(), pool.take().index());
      pool.give(adopted);
      assertThrows(NetworkException.class, () -> pool.slot(kept.index()));
      pool.close();
      assertFalse(Files.exists(Path.of("/sys/class/net", kept.hostInterface())));
      pool = RoutedNetworkPool.open(installation, Map.of());
      before.close();
    }
  }

  @Test
  void aGuardedSlotFindsTheProxyWhereItMeantTheWebAndNothingElse() throws Exception {
    Slot guarded = opened();
    Slot free = opened();
    try (Outside outside = new Outside(installation.id() + "out", "198.18.0.2", "198.18.0.1");
        Echo echo = outside.listen();
        Echo http = new Echo(installation.egressHttpPort());
        Echo tls = new Echo(installation.egressTlsPort());
        Socket before = new Socket()) {
      inside(
          guarded,
          () -> {
            before.connect(new InetSocketAddress(outside.address, echo.port()), PATIENCE_MILLIS);
            return 0;
          });
      before.setSoTimeout(PATIENCE_MILLIS);
      BufferedReader answers = reader(before);
      assertEquals("198.18.0.1", answers.readLine());
      pool.guard(guarded, new Guard(true, false));
      String own = guarded.address().getHostAddress();
      assertEquals(own, ask(guarded, outside.address, 80));
      assertEquals(own, ask(guarded, InetAddress.getByName("8.8.8.8"), 443));
      assertEquals("198.18.0.1", ask(guarded, outside.address, echo.port()));
      pool.guard(guarded, new Guard(true, true));
      assertEquals(own, ask(guarded, outside.address, 443));
      assertRefused(guarded, outside.address, echo.port());
      List<String> around = List.of("198.18.0.0-198.18.0.1", "198.18.0.2");
      pool.guard(guarded, new Guard(true, true, around, List.of()));
      assertEquals("198.18.0.1", ask(guarded, outside.address, echo.port()));
      assertEquals(own, ask(guarded, outside.address, 80), "the proxy decides what it can read");
      pool.guard(guarded, new Guard(true, true, List.of("198.18.0.0-198.18.0.1"), List.of()));
      assertRefused(guarded, outside.address, echo.port());
      pool.guard(guarded, new Guard(true, false, List.of(), List.of("198.18.0.0-198.18.0.9")));
      assertRefused(guarded, outside.address, echo.port());
      assertEquals("198.18.0.1", ask(free, outside.address, echo.port()));
      pool.guard(guarded, new Guard(true, false, List.of(), List.of("198.18.0.3-198.18.0.9")));
      assertEquals("198.18.0.1", ask(guarded, outside.address, echo.port()));
      pool.guard(guarded, new Guard(true, true));
      assertThrows(
          IOException.class,
          () -> {
            say(before, "two\n");
            answers.readLine();
          });
      // The proxy answers what the kernel brought, not who dials it.
      assertRefused(guarded, guarded.gateway(), http.port());
      assertRefused(free, free.gateway(), tls.port());
      assertEquals("198.18.0.1", ask(free, outside.address, echo.port()));
      NetworkPool earlier = pool;
      try (Descriptor process = Descriptor.open(Path.of(guarded.netns()), Descriptor.READ_ONLY)) {
        pool =
            RoutedNetworkPool.open(
                installation, Map.of(guarded.index(), new Guard(true, true, List.of(), around)));
        IOException refusal =
            assertThrows(
                IOException.class,
                () -> askWithin(process, outside.address, echo.port(), guarded.address()));
        assertFalse(refusal instanceof java.net.SocketTimeoutException, refusal::toString);
        pool.guard(pool.slot(guarded.index()), Guard.NONE);
        assertEquals(
            "198.18.0.1", askWithin(process, outside.address, echo.port(), guarded.address()));
      }
      pool.give(pool.slot(guarded.index()));
      earlier.close();
    }
  }

  @Test
  void whatIsOpenToTheWebGoesOnWhereTheGuardIsLenientAndEndsWhereItIsNot() throws Exception {
    Slot slot = opened();
    try (Outside outside = new Outside(installation.id() + "out", "198.18.0.2", "198.18.0.1");
        Echo web = outside.listen(80);
        Echo proxy = new Echo(installation.egressHttpPort());
        Socket before = new Socket()) {
      assertEquals(80, web.port());
      assertEquals(installation.egressHttpPort(), proxy.port());
      inside(
          slot,
          () -> {
            before.connect(new InetSocketAddress(outside.address, 80), PATIENCE_MILLIS);
            return 0;
          });
      before.setSoTimeout(PATIENCE_MILLIS);
      BufferedReader answers = reader(before);
      assertEquals("198.18.0.1", answers.readLine());
      pool.guard(slot, new Guard(true, false, List.of(), List.of(), true));
      say(before, "one\n");
      assertEquals("one", answers.readLine());
      String own = slot.address().getHostAddress();
      assertEquals(own, ask(slot, outside.address, 80), "a new one finds the proxy");
      pool.guard(slot, new Guard(true, false));
      assertThrows(
          IOException.class,
          () -> {
            say(before, "two\n");
            answers.readLine();
          });
    }
  }

  private static String askWithin(Descriptor network, InetAddress to, int port, InetAddress from)
      throws IOException {
    try {
      return Namespaces.inNetwork(network, () -> ask(to, port, from));
    } catch (IllegalStateException e) {
      if (e.getCause() instanceof IOException refused) {
        throw refused;
      }
      throw e;
    }
  }

  @Test
  void addressesRestAndRunOut() throws IOException {
    pool.close(true);
    Installation base = installation;
    installation = TestInstallation.withPool(base, "100.98.7.0/29");
    pool = RoutedNetworkPool.open(installation, Map.of());
    List<Slot> all = java.util.stream.IntStream.range(0, 6).mapToObj(i -> pool.take()).toList();
    assertEquals(6, all.stream().map(Slot::address).distinct().count());
    assertTrue(all.stream().anyMatch(s -> s.address().getHostAddress().equals("100.98.7.1")));
    assertTrue(all.stream().anyMatch(s -> s.address().getHostAddress().equals("100.98.7.6")));
    assertThrows(NetworkException.class, pool::take);
    pool.give(all.get(3));
    pool.give(all.get(3));
    pool.give(all.get(0));
    assertEquals(all.get(3).address(), pool.take().address());
    assertEquals(all.get(0).address(), pool.take().address());
  }

  private static boolean remembered(Slot slot) throws IOException {
    return Files.readString(Path.of("/proc/net/nf_conntrack"))
        .contains("src=" + slot.address().getHostAddress() + " ");
  }

  private Slot opened() {
    Slot slot = pool.take();
    pool.unblock(slot);
    return slot;
  }

  private static <T> T inside(Slot slot, Callable<T> work) throws IOException {
    try (Descriptor network = Descriptor.open(Path.of(slot.netns()), Descriptor.READ_ONLY)) {
      return Namespaces.inNetwork(network, work);
    } catch (IllegalStateException e) {
      if (e.getCause() instanceof IOException refused) {
        throw refused;
      }
      throw e;
    }
  }

  private static String ask(Slot from, InetAddress to, int port) throws IOException {
    return inside(from, () -> ask(to, port, from.address()));
  }

  private static String ask(InetAddress to, int port) throws IOException {
    try (Socket socket = new Socket(to, port)) {
      return reader(socket).readLine();
    }
  }

  private static String ask(InetAddress to, int port, InetAddress from) throws IOException {
    try (Socket socket = new Socket()) {
      socket.bind(new InetSocketAddress(from, 0));
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(new InetSocketAddress(to, port), PATIENCE_MILLIS);
      return reader(socket).readLine();
    }
  }

  /** Refused in words, not by time-out: people should see why nothing works. */
  private static void assertRefused(Slot from, InetAddress to, int port) {
    IOException refusal = assertThrows(IOException.class, () -> ask(from, to, port));
    assertFalse(refusal instanceof java.net.SocketTimeoutException, () -> to + ": " + refusal);
  }

  private static boolean connectAs(int uid, Slot slot, int port) throws Exception {
    String[] words = {
      "setpriv",
      "--reuid=" + uid,
      "--clear-groups",
      "bash",
      "-c",
      "exec 3<>/dev/tcp/" + slot.address().getHostAddress() + "/" + port
    };
    return new ProcessBuilder(words).redirectErrorStream(true).start().waitFor() == 0;
  }

  private static String question(InetAddress resolver) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(5000);
      socket.send(new DatagramPacket(new byte[] {1}, 1, resolver, 53));
      DatagramPacket reply = new DatagramPacket(new byte[100], 100);
      socket.receive(reply);
      assertEquals(resolver, reply.getAddress());
      return new String(reply.getData(), 0, reply.getLength(), US_ASCII);
    }
  }

  private static void answerOnce(DatagramSocket socket) {
    try {
      DatagramPacket asked = new DatagramPacket(new byte[100], 100);
      socket.receive(asked);
      byte[] answer = "answer".getBytes(US_ASCII);
      socket.send(new DatagramPacket(answer, answer.length, asked.getSocketAddress()));
    } catch (IOException closed) {
      return;
    }
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(US_ASCII));
  }

  private static String nft(String... words) throws IOException {
    return HostProgram.require("nft").run(words);
  }
}
