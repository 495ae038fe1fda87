package com.atoll.edge.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is on its way when the server ends, and comes back with another table. */
class ServerRestartTest {
  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private EdgeHarness edge;

  @BeforeEach
  void start() throws Exception {
    edge = new EdgeHarness();
  }

  @AfterEach
  void stop() throws Exception {
    edge.close();
    callers.shutdownNow();
  }

  private Future<String> get(String host) {
    return callers.submit(() -> edge.get(host, "/"));
  }

  @Test
  void aQuestionThatNobodyAnsweredIsAskedAgain() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    edge.feed.onQuestion =
        (feed, question) -> {
          if (!question.path("type").asString().equals("wake")) {
            return;
          }
          if (asked.incrementAndGet() > 1) {
            feed.send(
                "{\"type\":\"woken\",\"request\":\"%s\",\"ok\":false,\"code\":\"QUOTA\"}"
                    .formatted(question.path("request").asString()));
            return;
          }
          try {
            feed.restart();
          } catch (IOException failed) {
            throw new AssertionError(failed);
          }
        };
    edge.feed.route(Guest.sandboxRoute("otter", "paused", "127.0.0.2", 1, ""));
    String answer = edge.get("80-otter.sandbox.localhost", "/");
    assertEquals(503, EdgeHarness.status(answer));
    assertTrue(answer.contains("QUOTA"), answer);
    assertEquals(2, asked.get());
  }

  @Test
  void aRequestToAMachineThatSaysNothingEndsWithItsRoute() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    try (RawGuest guest =
        new RawGuest(
            "127.0.0.2",
            (in, out, number) -> {
              EdgeHarness.head(in);
              begun.countDown();
              never.await();
            })) {
      edge.feed.route(guest.route("otter"));
      Future<String> caller = get(guest.host("otter"));
      assertTrue(begun.await(10, TimeUnit.SECONDS));
      edge.feed.restart("sandbox/sbx_otter");
      assertEquals(404, EdgeHarness.status(caller.get()));
    } finally {
      never.countDown();
    }
  }

  @Test
  void aRequestThatTheNodeDoesNotLetInEndsWithItsRoute() throws Exception {
    try (SilentNode node = new SilentNode(edge.installation.streamsSocket())) {
      // Nothing listens there, so the way to the inside's own loopback is tried.
      edge.feed.route(Guest.sandboxRoute("otter", "running", "127.0.0.2", 1, ",\"exposed\":[9]"));
      Future<String> caller = get("9-otter.sandbox.localhost");
      node.awaitCaller();
      edge.feed.restart("sandbox/sbx_otter");
      assertEquals(404, EdgeHarness.status(caller.get()));
    }
  }

  @Test
  void aRequestThatTheNodeDoesNotLetInEndsWithItsRemoval() throws Exception {
    try (SilentNode node = new SilentNode(edge.installation.streamsSocket())) {
      edge.feed.route(Guest.sandboxRoute("otter", "running", "127.0.0.2", 1, ",\"exposed\":[9]"));
      Future<String> caller = get("9-otter.sandbox.localhost");
      node.awaitCaller();
      long version = edge.feed.remove("sandbox/sbx_otter");
      assertEquals(404, EdgeHarness.status(caller.get()));
      edge.feed.awaitAck(version);
    }
  }

  /** Stands where the node's stream socket is, and never says whether bytes may flow. */
  private static final class SilentNode implements AutoCloseable {
    private final ServerSocketChannel listener;
    private final List<SocketChannel> callers = new ArrayList<>();

    SilentNode(Path socket) throws IOException {
      listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      listener.bind(UnixDomainSocketAddress.of(socket));
    }

    /** Waits until somebody asks. */
    void awaitCaller() throws IOException {
      callers.add(listener.accept());
    }

    @Override
    public void close() throws IOException {
      listener.close();
      for (SocketChannel caller : callers) {
        caller.close();
      }
    }
  }
}
