package com.atoll.edge.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RouteChangeTest {
  private EdgeHarness edge;

  @BeforeEach
  void start() throws Exception {
    edge = new EdgeHarness();
  }

  @AfterEach
  void stop() throws Exception {
    edge.close();
  }

  @Test
  void aSlotThatChangesHandsUnderLoadNeverAnswersForTheWrongSandbox() throws Exception {
    AtomicReference<String> tenant = new AtomicReference<>("sbx0");
    HttpServer slot =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.2"), 0), 0);
    slot.createContext("/", exchange -> Guest.text(exchange, String.valueOf(tenant.get())));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      slot.setExecutor(threads);
      slot.start();
      int port = slot.getAddress().getPort();
      AtomicBoolean running = new AtomicBoolean(true);
      AtomicInteger served = new AtomicInteger();
      List<String> wrong = Collections.synchronizedList(new ArrayList<>());
      List<Future<?>> load = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        int first = i;
        load.add(
            threads.submit(() -> {
              for (int n = first; running.get(); n++) {
                String name = "sbx" + n % 12;
                String answer = edge.get(port + "-" + name + ".sandbox.localhost", "/");
                if (EdgeHarness.status(answer) == 200) {
                  served.incrementAndGet();
                  if (!answer.endsWith("\r\n\r\n" + name)) {
                    wrong.add(name + " got " + EdgeHarness.body(answer));
                  }
                }
              }
              return null;
            }));
      }
      for (int n = 0; n < 48; n++) {
        String name = "sbx" + n % 12;
        tenant.set(name);
        edge.feed.route(Guest.sandboxRoute(name, "running", "127.0.0.2", n + 1, ""));
        assertTrue(edge.get(port + "-" + name + ".sandbox.localhost", "/").endsWith(name));
        edge.feed.awaitAck(edge.feed.remove("sandbox/sbx_" + name));
      }
      running.set(false);
      for (Future<?> caller : load) {
        caller.get(20, TimeUnit.SECONDS);
      }
      assertEquals(List.of(), wrong);
      assertTrue(served.get() >= 48, "served " + served.get());
    } finally {
      slot.stop(0);
    }
  }

  @Test
  void newsOfASandboxThatHasJustLeftItsAddressAreWaitedFor() throws Exception {
    try (Guest guest = new Guest("guest", "127.0.0.2", 0);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      // No connection is made to the address of everybody.
      edge.feed.route(Guest.sandboxRoute("otter", "running", "255.255.255.255", 1, ""));
      String host = guest.port() + "-otter.sandbox.localhost";
      Future<String> visitor = threads.submit(() -> edge.get(host, "/"));
      assertThrows(TimeoutException.class, () -> visitor.get(300, TimeUnit.MILLISECONDS));
      edge.feed.route(Guest.sandboxRoute("otter", "running", "127.0.0.2", 2, ""));
      assertEquals(200, EdgeHarness.status(visitor.get(20, TimeUnit.SECONDS)));
      // None come, and that is said.
      edge.feed.route(Guest.sandboxRoute("badger", "running", "255.255.255.255", 1, ""));
      String lost = edge.get(guest.port() + "-badger.sandbox.localhost", "/");
      assertEquals(502, EdgeHarness.status(lost));
      assertTrue(lost.contains("PORT_UNREACHABLE"), lost);
    }
  }

  @Test
  void aSenselessRouteCostsNoOther() throws Exception {
    try (Guest guest = new Guest("guest", "127.0.0.2", 0)) {
      edge.feed.route("{\"key\":\"x\",\"kind\":\"riddle\"}");
      edge.feed.route(
          "{\"key\":\"y\",\"kind\":\"static\",\"hosts\":[\"y.localhost\"],\"deployment_id\":\"d\",\"export_id\":\"../../etc\",\"entrypoint\":\"passwd\"}");
      edge.feed.route(guest.sandboxRoute("otter", ""));
      String host = guest.port() + "-otter.sandbox.localhost";
      assertEquals(200, EdgeHarness.status(edge.get(host, "/")));
      assertEquals(404, EdgeHarness.status(edge.get("y.localhost", "/")));
      edge.feed.send("this is not JSON");
      edge.feed.route(guest.sandboxRoute("badger", ""));
      assertEquals(
          200, EdgeHarness.status(edge.get(guest.port() + "-badger.sandbox.localhost", "/")));
    }
  }

  @Test
  void whatIsAcknowledgedIsOnDisk() throws Exception {
    Path kept = edge.home.resolve("edge/routes.json");
    for (int n = 1; n <= 20; n++) {
      String name = "new" + n;
      long version = edge.feed.upsert(Guest.sandboxRoute(name, "running", "127.0.0.2", n, ""));
      edge.feed.awaitAck(version);
      assertTrue(Files.readString(kept).contains("sandbox/sbx_" + name), name);
    }
  }

  @Test
  void trafficIsToldAsActivity() throws Exception {
    try (Guest guest = new Guest("guest", "127.0.0.2", 0)) {
      edge.feed.route(guest.sandboxRoute("otter", ""));
      edge.get(guest.port() + "-otter.sandbox.localhost", "/");
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
      boolean told = false;
      while (!told && System.nanoTime() < deadline) {
        var message = edge.feed.received.poll(5, TimeUnit.SECONDS);
        told =
            message != null
                && message.path("type").asString().equals("activity")
                && message.path("sandbox_ids").get(0).asString().equals("sbx_otter");
      }
      assertTrue(told);
    }
  }
}
