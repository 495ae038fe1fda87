package com.atoll.edge.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InstancesTest {
  private static final String HOST = "app.acme.localhost";
  private EdgeHarness edge;

  @BeforeEach
  void start() throws Exception {
    edge = new EdgeHarness();
  }

  @AfterEach
  void stop() throws Exception {
    edge.close();
  }

  private static String instance(String id, String address, int port) {
    return "{\"id\":\"%s\",\"address\":\"%s\",\"port\":%d,\"incarnation\":1,\"loopback_only\":false}"
        .formatted(id, address, port);
  }

  private static String route(String... instances) {
    return "{\"key\":\"deployment/dep_1\",\"kind\":\"instances\",\"hosts\":[\"%s\"],\"deployment_id\":\"dep_1\",\"version_id\":\"v\",\"instances\":[%s]}"
        .formatted(HOST, String.join(",", instances));
  }

  @Test
  void healthyInstancesTakeTurnsAndADeadOneIsPassedOver() throws Exception {
    try (Guest one = new Guest("one", "127.0.0.2", 0);
        Guest two = new Guest("two", "127.0.0.3", 0)) {
      edge.feed.route(
          route(
              instance("ins_1", "127.0.0.2", one.port()),
              instance("ins_2", "127.0.0.3", two.port()),
              instance("ins_3", "127.0.0.4", 9)));
      Set<String> seen = new HashSet<>();
      for (int i = 0; i < 12; i++) {
        String answer = edge.get(HOST, "/");
        assertEquals(200, EdgeHarness.status(answer));
        seen.add(EdgeHarness.body(answer));
      }
      assertEquals(Set.of("one", "two"), seen);
    }
  }

  @Test
  void aRequestWaitsForAnInstanceThatIsJustBeingReplaced() throws Exception {
    edge.feed.route(route(instance("ins_1", "127.0.0.2", 9)));
    try (var callers = Executors.newVirtualThreadPerTaskExecutor();
        Guest one = new Guest("one", "127.0.0.2", 0)) {
      Future<String> waiting =
          callers.submit(() ->
              edge.exchange(
                  "POST /echo HTTP/1.1\r\nHost: "
                      + HOST
                      + "\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody"));
      edge.feed.route(route(instance("ins_2", "127.0.0.2", one.port())));
      assertTrue(waiting.get(10, TimeUnit.SECONDS).contains("body"), waiting.get());
    }
  }

  @Test
  void switchingVersionsUnderLoadDropsNothing() throws Exception {
    AtomicBoolean running = new AtomicBoolean(true);
    AtomicInteger served = new AtomicInteger();
    List<String> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    List<Guest> guests = new ArrayList<>();
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      guests.add(new Guest("v0", "127.0.0.2", 0));
      edge.feed.route(route(instance("ins_0", "127.0.0.2", guests.getFirst().port())));
      List<Future<?>> load = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        boolean post = i % 2 == 0;
        load.add(callers.submit(() -> hammer(running, served, failures, post)));
      }
      for (int version = 1; version <= 20; version++) {
        Guest next = new Guest("v" + version, "127.0.0.2", 0);
        guests.add(next);
        edge.feed.route(route(instance("ins_" + version, "127.0.0.2", next.port())));
        // The change was acknowledged: nothing leads to the former instance any more.
        guests.get(version - 1).close();
      }
      running.set(false);
      for (Future<?> caller : load) {
        caller.get(20, TimeUnit.SECONDS);
      }
    } finally {
      guests.forEach(Guest::close);
    }
    assertEquals(List.of(), failures);
    assertTrue(served.get() > 200, "served " + served.get());
  }

  private void hammer(
      AtomicBoolean running, AtomicInteger served, List<String> failures, boolean post) {
    String request =
        post
            ? "POST / HTTP/1.1\r\nHost: " + HOST + "\r\nContent-Length: 4\r\n\r\nbody"
            : "GET / HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n";
    Pattern length = Pattern.compile("(?i)content-length: (\\d+)");
    try (Socket socket = edge.connect()) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (running.get()) {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        String head = EdgeHarness.head(in);
        var found = length.matcher(head);
        String body =
            found.find()
                ? new String(
                    in.readNBytes(Integer.parseInt(found.group(1))), StandardCharsets.US_ASCII)
                : "";
        if (!head.startsWith("HTTP/1.1 200") || !body.startsWith("v")) {
          failures.add(head + body);
          return;
        }
        served.incrementAndGet();
      }
    } catch (Exception broken) {
      failures.add(broken.toString());
    }
  }

  @Test
  void aRequestOnItsWayEndsOnTheVersionItBeganOn() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch switched = new CountDownLatch(1);
    try (RawGuest old =
            new RawGuest(
                "127.0.0.2",
                (in, out, number) -> {
                  EdgeHarness.head(in);
                  begun.countDown();
                  assertTrue(switched.await(10, TimeUnit.SECONDS));
                  out.write(
                      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold"
                          .getBytes(StandardCharsets.US_ASCII));
                });
        Guest fresh = new Guest("new", "127.0.0.3", 0);
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      edge.feed.route(route(instance("ins_1", "127.0.0.2", old.port())));
      Future<String> slow = callers.submit(() -> edge.get(HOST, "/"));
      assertTrue(begun.await(10, TimeUnit.SECONDS));
      long version = edge.feed.upsert(route(instance("ins_2", "127.0.0.3", fresh.port())));
      // The feed is in order: once a later route is served, so is this one.
      edge.feed.upsert(
          "{\"key\":\"d2\",\"kind\":\"stopped\",\"hosts\":[\"later.localhost\"],\"deployment_id\":\"d2\"}");
      while (EdgeHarness.status(edge.get("later.localhost", "/")) != 503) {
        java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
      }
      assertTrue(edge.get(HOST, "/").endsWith("new"));
      assertTrue(edge.feed.acknowledged() < version, "the old instance is still in use");
      switched.countDown();
      assertTrue(slow.get().endsWith("old"));
      edge.feed.awaitAck(version);
    }
  }

  @Test
  void aRestartedEdgeServesBeforeTheServerIsBack() throws Exception {
    try (Guest one = new Guest("one", "127.0.0.2", 0)) {
      edge.feed.route(route(instance("ins_1", "127.0.0.2", one.port())));
      assertTrue(edge.get(HOST, "/").endsWith("one"));
      edge.feed.close();
      edge.gateway.close(0);
      edge.gateway = new Gateway(edge.installation, Limits.standard());
      edge.gateway.start();
      assertTrue(edge.get(HOST, "/").endsWith("one"));
      // The server is back with another table.
      edge.feed = new FeedDouble(edge.installation.feedSocket());
      edge.feed.awaitAck(0);
      assertFalse(edge.get(HOST, "/").endsWith("one"));
    }
  }
}
