package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A small name server on the loopback interface: TXT, CNAME and A records over UDP. */
final class NameServer implements AutoCloseable {
  private static final int A = 1;
  private static final int CNAME = 5;
  private static final int TXT = 16;
  private static final int NO_SUCH_NAME = 3;

  private final DatagramSocket socket;
  private final Map<String, String> texts = new ConcurrentHashMap<>();
  private final Map<String, String> aliases = new ConcurrentHashMap<>();
  private final Map<String, String> exact = new ConcurrentHashMap<>();
  private final Map<String, byte[]> addresses = new ConcurrentHashMap<>();

  /** Answers where this installation asks. */
  static NameServer of(Target target) throws IOException {
    String file = Files.readString(target.home().resolve("installation.json"));
    String resolver = Reply.JSON.readTree(file).path("domain_resolver").asString("");
    assertTrue(resolver.startsWith("127.0.0.1:"), "domain_resolver is " + resolver);
    return new NameServer(Integer.parseInt(resolver.substring(resolver.indexOf(':') + 1)));
  }

  /** Answers at this port. */
  NameServer(int port) throws IOException {
    socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    Thread.ofPlatform().daemon().name("name-server").start(this::serve);
  }

  void text(String name, String value) {
    texts.put(name, value);
  }

  void forget(String name) {
    texts.remove(name);
    exact.remove(name);
    addresses.remove(name);
  }

  void alias(String name, String target) {
    exact.put(name, target);
  }

  void address(String name, String address) {
    addresses.put(name, InetAddress.ofLiteral(address).getAddress());
  }

  /** Makes every name below the star an alias. */
  void aliasBelow(String domain, String target) {
    aliases.put(domain, target);
  }

  private void serve() {
    byte[] buffer = new byte[4096];
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        byte[] answer = answer(Arrays.copyOf(buffer, packet.getLength()));
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private byte[] answer(byte[] question) {
    StringBuilder name = new StringBuilder();
    int at = 12;
    while (question[at] != 0) {
      int length = question[at];
      name.append(name.isEmpty() ? "" : ".")
          .append(new String(question, at + 1, length, StandardCharsets.US_ASCII));
      at += length + 1;
    }
    int type = (question[at + 1] & 0xff) << 8 | (question[at + 2] & 0xff);
    byte[] data = record(name.toString().toLowerCase(Locale.ROOT), type);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(question, 0, 2);
    out.writeBytes(new byte[] {(byte) 0x81, (byte) (0x80 | (data == null ? NO_SUCH_NAME : 0))});
    out.writeBytes(new byte[] {0, 1, 0, (byte) (data == null ? 0 : 1), 0, 0, 0, 0});
    out.write(question, 12, at + 5 - 12);
    if (data != null) {
      out.writeBytes(new byte[] {(byte) 0xc0, 12, 0, (byte) type, 0, 1, 0, 0, 0, 1});
      out.writeBytes(new byte[] {(byte) (data.length >> 8), (byte) data.length});
      out.writeBytes(data);
    }
    return out.toByteArray();
  }

  private byte @Nullable [] record(String name, int type) {
    String text = texts.get(name);
    if (type == TXT && text != null) {
      return labels(List.of(text), false);
    }
    byte[] address = addresses.get(name);
    if (type == A && address != null) {
      return address;
    }
    String below = aliases.get(name.substring(name.indexOf('.') + 1));
    String alias = exact.getOrDefault(name, below == null ? "" : below);
    return type == CNAME && !alias.isEmpty() ? labels(List.of(alias.split("\\.")), true) : null;
  }

  private static byte[] labels(List<String> labels, boolean ended) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String label : labels) {
      out.write(label.length());
      out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
    }
    if (ended) {
      out.write(0);
    }
    return out.toByteArray();
  }

  @Override
  public void close() {
    socket.close();
  }
}
