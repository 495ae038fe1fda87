package com.atoll.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EdgeProcessTest {
  @TempDir Path home;

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private Process start(Path file) throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            "com.atoll.edge.EdgeMain",
            "--installation",
            file.toString())
        .redirectErrorStream(true)
        .redirectOutput(home.resolve("edge.log").toFile())
        .start();
  }

  private static String get(int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      socket.setSoTimeout(5_000);
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private static String awaitAnswer(int port) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (true) {
      try {
        return get(port);
      } catch (IOException notYet) {
        if (System.nanoTime() > deadline) {
          throw notYet;
        }
        java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
      }
    }
  }

  @Test
  void aKilledEdgeServesItsKeptRoutesOnTheSamePortAgain() throws Exception {
    int port = freePort();
    Files.createDirectories(home.resolve("run"));
    Files.createDirectories(home.resolve("edge"));
    Path release = Files.createDirectories(home.resolve("releases/rel_1"));
    Files.writeString(release.resolve("index.html"), "kept");
    Files.writeString(
        home.resolve("edge/routes.json"),
        """
        {"version":1,"routes":[{"key":"deployment/d","kind":"static","hosts":["shop.localhost"],
        "deployment_id":"d","export_id":"rel_1","entrypoint":"index.html","version_id":"v"}]}
        """);
    Path file = home.resolve("installation.json");
    Files.writeString(
        file,
        """
        {"id":"test","home":"%1$s","run":"%1$s/run","dist":"%1$s","http_port":%2$d,"tls_port":%3$d,
        "bind":["127.0.0.1"],"domain":"localhost","link_scheme":"http","server_uid":0,"edge_uid":0,
        "postgres_uid":0,"gid":0,"address_pool":"10.7.0.0/16","gateway_address":"127.0.0.1",
        "dns_port":%4$d,"uid_base":1,"uid_count":65536,"firewall_mark":1,"warm_pool":0,"denied_ranges":[],
        "allowed_ranges":[],"disk_image_mb":0,"crash_points":false}
        """
            .formatted(home, port, freePort(), freePort()));
    Process first = start(file);
    Process second = null;
    try {
      assertTrue(awaitAnswer(port).endsWith("kept"));
      first.destroyForcibly().waitFor();
      second = start(file);
      assertTrue(awaitAnswer(port).endsWith("kept"));
      second.destroy();
      assertTrue(second.waitFor(10, TimeUnit.SECONDS));
      assertEquals(143, second.exitValue());
    } finally {
      first.destroyForcibly();
      if (second != null) {
        second.destroyForcibly();
      }
    }
  }
}
