package com.atoll.node.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.TestInstallation;
import com.atoll.node.linux.Descriptor;
import com.atoll.node.linux.Namespaces;
import com.atoll.node.network.Flow.Passage;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Connections past the egress proxy are told, with what the kernel did. */
@Timeout(120)
final class FlowsTest {
  private static final int PATIENCE_MILLIS = 2500;

  @TempDir Path folder;
  private final Told told = new Told();
  private Installation installation;
  private NetworkPool pool;
  private Outside outside;

  private static final class Told implements FlowListener {
    final BlockingQueue<Flow> flows = new LinkedBlockingQueue<>();
    volatile boolean heard = true;

    @Override
    public boolean isHeard() {
      return heard;
    }

    @Override
    public void flows(List<Flow> fresh) {
      flows.addAll(fresh);
    }
  }

  @BeforeEach
  void open() throws IOException {
    installation = TestInstallation.in(folder, List.of("203.0.113.77"));
    pool = RoutedNetworkPool.open(installation, Map.of());
    pool.follow(told);
    outside = new Outside(installation.id() + "out", "198.18.0.2", "198.18.0.1");
  }

  @AfterEach
  void down() {
    outside.close();
    pool.close(true);
  }

  private Slot opened() {
    Slot slot = pool.take();
    pool.unblock(slot);
    return slot;
  }

  private static void call(Slot from, InetAddress to, int port) throws IOException {
    try (Descriptor network = Descriptor.open(Path.of(from.netns()), Descriptor.READ_ONLY)) {
      String outcome =
          Namespaces.inNetwork(
              network,
              () -> {
                try (Socket socket = new Socket()) {
                  socket.connect(new InetSocketAddress(to, port), PATIENCE_MILLIS);
                  return "connected";
                } catch (IOException refused) {
                  return "refused";
                }
              });
      assertNotNull(outcome);
    }
  }

  private static void send(Slot from, InetAddress to, int port) throws IOException {
    try (Descriptor network = Descriptor.open(Path.of(from.netns()), Descriptor.READ_ONLY)) {
      int sent =
          Namespaces.inNetwork(
              network,
              () -> {
                try (DatagramSocket socket = new DatagramSocket()) {
                  socket.send(new DatagramPacket(new byte[1], 1, new InetSocketAddress(to, port)));
                }
                return 1;
              });
      assertEquals(1, sent);
    }
  }

  private @Nullable Flow next() throws InterruptedException {
    return told.flows.poll(10, TimeUnit.SECONDS);
  }

  @Test
  void whatPassesWhatIsKeptAndWhatIsBarredIsToldApart() throws Exception {
    Slot guarded = opened();
    Slot free = opened();
    String address = outside.address.getHostAddress();
    int slot = guarded.index();
    pool.guard(guarded, new Guard(true, false));
    call(free, outside.address, 5432);
    call(guarded, outside.address, 5432);
    call(guarded, outside.address, 5432);
    assertEquals(2, count(new Flow(slot, address, "tcp", 5432, Passage.PASSED, 0)));
    pool.guard(guarded, new Guard(true, true));
    call(guarded, outside.address, 5432);
    assertEquals(new Flow(slot, address, "tcp", 5432, Passage.KEPT, 1), next());
    send(guarded, outside.address, 9999);
    assertEquals(new Flow(slot, address, "udp", 9999, Passage.KEPT, 1), next());
    call(guarded, guarded.gateway(), 22);
    String gateway = guarded.gateway().getHostAddress();
    assertEquals(new Flow(slot, gateway, "tcp", 22, Passage.BARRED, 1), next());
    // What goes by the proxy is the proxy's to tell.
    call(guarded, outside.address, 80);
    pool.guard(guarded, new Guard(true, true, List.of(address), List.of()));
    call(guarded, outside.address, 5432);
    assertEquals(new Flow(slot, address, "tcp", 5432, Passage.PASSED, 1), next());
    assertNull(told.flows.poll());
  }

  /** How many of these are told, all together; two looks may each have seen some. */
  private long count(Flow expected) throws InterruptedException {
    long all = 0;
    while (all < 2) {
      Flow flow = next();
      if (flow == null) {
        return all;
      }
      assertEquals(
          expected,
          new Flow(flow.slot(), flow.address(), flow.protocol(), flow.port(), flow.passage(), 0));
      all += flow.count();
    }
    return all;
  }

  @Test
  void theLastOnesOfASlotAreToldBeforeItIsGivenBack() throws Exception {
    Slot guarded = opened();
    pool.guard(guarded, new Guard(true, true));
    call(guarded, outside.address, 5432);
    pool.give(guarded);
    Flow last = told.flows.poll();
    assertNotNull(last);
    assertEquals(guarded.index(), last.slot());
  }

  @Test
  void nothingIsLostWhileNobodyHears() throws Exception {
    told.heard = false;
    Slot guarded = opened();
    pool.guard(guarded, new Guard(true, true));
    call(guarded, outside.address, 5432);
    assertNull(told.flows.poll(2, TimeUnit.SECONDS));
    told.heard = true;
    assertNotNull(next());
  }

  @Test
  void aSlotThatTriesEveryPortLeavesRoomForTheOthers() throws Exception {
    Slot scanner = opened();
    Slot other = opened();
    pool.guard(scanner, new Guard(true, true));
    pool.guard(other, new Guard(true, true));
    for (int port = 1_000; port < 3_000; port++) {
      send(scanner, InetAddress.getByName("198.18.0.9"), port);
    }
    send(other, outside.address, 9999);
    int scanned = 0;
    boolean told = false;
    for (Flow flow = next(); flow != null; flow = this.told.flows.poll(3, TimeUnit.SECONDS)) {
      boolean scan = flow.slot() == scanner.index();
      scanned += scan ? 1 : 0;
      told |= !scan;
    }
    assertTrue(told);
    assertTrue(scanned >= 100 && scanned < 1_000, scanned + " of 2000");
  }
}
