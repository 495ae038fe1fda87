package com.atoll.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A server at an address of the internet, in a network namespace of the bench's own, and a name for
 * it that the sandboxes of this installation are told.
 */
final class Outside implements AutoCloseable {
  static final String ADDRESS = "11.47.12.2";
  private static final String HOST_END = "11.47.12.1";
  private static final String NAMESPACE = "atoll-bench";
  private static final String INTERFACE = "atollbench";

  private final String name;
  private final Path names;
  private final byte[] before;
  private final Process server;

  private Outside(String name, Path names, byte[] before, Process server) {
    this.name = name;
    this.names = names;
    this.before = before;
    this.server = server;
  }

  /** Starts it; the owner's own names stay. */
  static Outside named(String name, Path home) throws IOException {
    Path names = home.resolve("hosts");
    byte[] before = Files.exists(names) ? Files.readAllBytes(names) : new byte[0];
    removeNetwork();
    addNetwork();
    String own = new String(before, StandardCharsets.UTF_8);
    Files.writeString(names, own + "\n" + ADDRESS + " " + name + "\n");
    String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
    Process server =
        new ProcessBuilder(
                "ip",
                "netns",
                "exec",
                NAMESPACE,
                java,
                "-cp",
                System.getProperty("java.class.path"),
                Server.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    Outside made = new Outside(name, names, before, server);
    made.awaitAnswer();
    return made;
  }

  String name() {
    return name;
  }

  private void awaitAnswer() throws IOException {
    for (int i = 0; i < 200 && server.isAlive(); i++) {
      try (Socket _ = new Socket(ADDRESS, 80)) {
        return;
      } catch (IOException notYet) {
        LockSupport.parkNanos(50_000_000);
      }
    }
    close();
    throw new IOException("the server of the bench did not start");
  }

  private static void addNetwork() throws IOException {
    for (String command :
        List.of(
            "ip netns add " + NAMESPACE,
            "ip link add " + INTERFACE + " type veth peer eth0 netns " + NAMESPACE,
            "ip address add " + HOST_END + "/30 dev " + INTERFACE,
            "ip link set " + INTERFACE + " up",
            "sysctl -qw net.ipv4.conf." + INTERFACE + ".forwarding=1",
            "ip -n " + NAMESPACE + " address add " + ADDRESS + "/30 dev eth0",
            "ip -n " + NAMESPACE + " link set eth0 up",
            "ip -n " + NAMESPACE + " route add default via " + HOST_END)) {
      var _ = Shell.run(List.of(command.split(" ", -1)));
    }
  }

  private static void removeNetwork() throws IOException {
    var _ =
        Shell.run(
            "sh",
            "-c",
            "ip netns delete " + NAMESPACE + " || true; ip link delete " + INTERFACE + " || true");
  }

  @Override
  public void close() throws IOException {
    server.destroyForcibly();
    if (before.length == 0) {
      Files.deleteIfExists(names);
    } else {
      Files.write(names, before);
    }
    removeNetwork();
  }

  /** Answers every connection alike. */
  public static final class Server {
    private static final byte[] ANSWER =
        "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\noutside"
            .getBytes(StandardCharsets.ISO_8859_1);

    private Server() {}

    /** Listens on port 80 until the process ends. */
    public static void main(String[] arguments) throws IOException {
      try (ServerSocket listener = new ServerSocket(80, 512)) {
        while (true) {
          Socket one = listener.accept();
          Thread.ofVirtual().start(() -> answer(one));
        }
      }
    }

    private static void answer(Socket one) {
      try (one) {
        byte[] head = new byte[4096];
        int have = 0;
        while (have < head.length && !ended(head, have)) {
          int read = one.getInputStream().read(head, have, head.length - have);
          if (read < 0) {
            return;
          }
          have += read;
        }
        one.getOutputStream().write(ANSWER);
      } catch (IOException gone) {
        return;
      }
    }

    private static boolean ended(byte[] head, int have) {
      return have >= 4 && head[have - 1] == '\n' && head[have - 3] == '\n';
    }
  }
}
