package com.atoll.server.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class FeedServerTest {
  private final BlockingQueue<String> touched = new LinkedBlockingQueue<>();
  private final BlockingQueue<RouteRequests.EgressCall> told = new LinkedBlockingQueue<>();

  private final RouteRequests requests =
      new RouteRequests() {
        @Override
        public Woken wake(String sandboxId) {
          return sandboxId.equals("sbx_1")
              ? Woken.at("10.0.0.1", 7)
              : Woken.refused("SANDBOX_DESTROYED", "gone");
        }

        @Override
        public Granted grant(String sandboxId, int port, String token) {
          return token.equals("mp_good")
              ? new Granted(true, 1234, 5678, "cookie", true)
              : Granted.REFUSED;
        }

        @Override
        public String browser(String sandboxId) {
          return "/devtools/browser/" + sandboxId;
        }

        @Override
        public boolean listens(String sandboxId, int port) {
          return sandboxId.equals("sbx_1") && port == 8000;
        }

        @Override
        public void traffic(TrafficReport report) {}

        @Override
        public void activity(List<String> sandboxIds) {
          touched.addAll(sandboxIds);
        }

        @Override
        public Injected secret(String secretId, String sandboxId) {
          return Injected.REFUSED;
        }

        @Override
        public void authority(String pem) {}

        @Override
        public void egress(List<EgressCall> calls) {
          told.addAll(calls);
        }
      };

  @Test
  void aGatewayGetsTheTableItsChangesAndItsAnswers(@TempDir Path folder) throws Exception {
    Routes routes = new Routes();
    Path socket = folder.resolve("feed.sock");
    routes.put(sandbox("sbx_1"), 1);
    try (FeedServer _ = FeedServer.start(socket, group(folder), user(folder), routes, requests);
        Gateway gateway = new Gateway(socket)) {
      JsonNode snapshot = gateway.next("snapshot");
      assertEquals("sandbox/sbx_1", snapshot.path("routes").path(0).path("key").asString());
      assertEquals("sandbox", snapshot.path("routes").path(0).path("kind").asString());
      assertEquals(3000, snapshot.path("routes").path(0).path("private").path(0).asInt());
      assertFalse(snapshot.path("epoch").asString().isEmpty());
      long version = routes.put(sandbox("sbx_2"), 1);
      assertEquals(version, gateway.next("upsert").path("version").asLong());
      assertFalse(routes.awaitAcknowledged(version, Duration.ofMillis(1)));
      gateway.say("{\"type\":\"ack\",\"version\":" + version + "}");
      assertTrue(routes.awaitAcknowledged(version, Duration.ofSeconds(5)));
      gateway.say("{\"type\":\"wake\",\"request\":\"r1\",\"sandbox_id\":\"sbx_1\"}");
      JsonNode woken = gateway.next("woken");
      assertEquals("10.0.0.1", woken.path("address").asString());
      assertEquals(7, woken.path("incarnation").asLong());
      gateway.say("{\"type\":\"wake\",\"request\":\"r2\",\"sandbox_id\":\"sbx_3\"}");
      assertEquals("SANDBOX_DESTROYED", gateway.next("woken").path("code").asString());
      gateway.say(
          "{\"type\":\"grant\",\"request\":\"r3\",\"sandbox_id\":\"s\",\"port\":1,"
              + "\"token\":\"mp_good\"}");
      JsonNode granted = gateway.next("granted");
      assertTrue(granted.path("ok").asBoolean());
      assertTrue(granted.path("read_only").asBoolean());
      gateway.say(
          "{\"type\":\"listens\",\"request\":\"r4\",\"sandbox_id\":\"sbx_1\",\"port\":8000}");
      assertTrue(gateway.next("listens").path("ok").asBoolean());
      gateway.say("{\"type\":\"activity\",\"sandbox_ids\":[\"sbx_1\"]}");
      assertEquals("sbx_1", touched.poll(5, TimeUnit.SECONDS));
      gateway.say(
          "{\"type\":\"egress\",\"calls\":[{\"sandbox_id\":\"sbx_1\",\"unlogged\":7},"
              + "{\"sandbox_id\":\"sbx_2\",\"unlogged\":-1}]}");
      gateway.next("written");
      assertEquals(List.of(7L, 0L), told.stream().map(RouteRequests.EgressCall::unlogged).toList());
      routes.remove("sandbox/sbx_2", 2);
      assertEquals("sandbox/sbx_2", gateway.next("remove").path("key").asString());
      assertTrue(Files.exists(socket));
    }
    assertFalse(Files.exists(socket));
  }

  @Test
  void anotherUserIsTurnedAway(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("feed.sock");
    int somebodyElse = user(folder) + 1;
    try (FeedServer _ =
            FeedServer.start(socket, group(folder), somebodyElse, new Routes(), requests);
        Gateway gateway = new Gateway(socket)) {
      assertNull(gateway.line());
    }
  }

  @Test
  void aMalformedMessageEndsOnlyItsConnection(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("feed.sock");
    try (FeedServer _ =
        FeedServer.start(socket, group(folder), user(folder), new Routes(), requests)) {
      try (Gateway bad = new Gateway(socket)) {
        bad.next("snapshot");
        bad.next("written");
        bad.say("{nonsense");
        assertNull(bad.line());
      }
      try (Gateway good = new Gateway(socket)) {
        good.next("snapshot");
      }
    }
  }

  private static Route sandbox(String id) {
    return new Route.Sandbox(
        "sandbox/" + id,
        "s-" + id,
        id,
        "paused",
        null,
        0,
        List.of(8000),
        false,
        false,
        List.of(3000),
        List.of(),
        1,
        "org_1");
  }

  private static int user(Path folder) throws IOException {
    return (Integer) Files.getAttribute(folder, "unix:uid");
  }

  private static int group(Path folder) throws IOException {
    return (Integer) Files.getAttribute(folder, "unix:gid");
  }

  /** The gateway's end of the feed. */
  private static final class Gateway implements AutoCloseable {
    private final SocketChannel channel;
    private final BufferedReader lines;

    Gateway(Path socket) throws IOException {
      channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      channel.connect(UnixDomainSocketAddress.of(socket));
      lines =
          new BufferedReader(
              new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
    }

    void say(String line) throws IOException {
      channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    @Nullable String line() throws IOException {
      return lines.readLine();
    }

    JsonNode next(String type) throws IOException {
      while (true) {
        JsonNode message = JsonMapper.shared().readTree(lines.readLine());
        if (message.path("type").asString("").equals(type)) {
          return message;
        }
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
