package com.atoll.edge.dns;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DnsServerTest {
  private static final int TEXT = 16;
  @TempDir Path folder;
  private DatagramSocket upstream;
  private final AtomicInteger asked = new AtomicInteger();
  private DnsServer server;
  private int port;

  /** A resolver that knows that every name is 192.0.2.7, for a minute. */
  @BeforeEach
  void start() throws Exception {
    upstream = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.5"));
    Thread.ofVirtual().start(this::answerEverything);
    Files.writeString(folder.resolve("resolv.conf"), "# x\nnameserver 127.0.0.5\n");
    Files.writeString(
        folder.resolve("hosts"),
        "127.0.0.1 machine\n192.0.2.80 Registry.example other # c\nnonsense\n");
    try (DatagramSocket free = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      port = free.getLocalPort();
    }
    server =
        new DnsServer(
            "127.0.0.1",
            port,
            new Resolver(
                new HostsFile(folder.resolve("hosts")),
                new Upstreams(folder.resolve("resolv.conf"), upstream.getLocalPort())));
    server.start();
    while (!server.isListening()) {
      java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
    }
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  private void answerEverything() {
    byte[] buffer = new byte[1_500];
    while (!upstream.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        upstream.receive(packet);
        asked.incrementAndGet();
        byte[] query = Arrays.copyOf(buffer, packet.getLength());
        Question question = Question.read(query);
        if (question != null) {
          byte[] answer =
              Answers.addresses(
                  query,
                  question,
                  java.util.List.of((java.net.Inet4Address) InetAddress.ofLiteral("192.0.2.7")));
          upstream.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        }
      } catch (IOException closed) {
        return;
      }
    }
  }

  private static byte[] query(String name, int type) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    for (String label : name.split("\\.", -1)) {
      out.write(label.length());
      out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.writeBytes(new byte[] {0, (byte) (type >> 8), (byte) type, 0, 1});
    return out.toByteArray();
  }

  @Test
  void aLabelWithADotIsNotTakenForTwo() {
    byte[] dotted = query("pypi.org", Question.A);
    assertEquals("pypi.org", Objects.requireNonNull(Question.read(dotted)).name());
    dotted[Question.HEADER] = 8;
    dotted[Question.HEADER + 5] = '.';
    assertNull(Question.read(dotted));
    dotted[Question.HEADER + 5] = 0;
    assertNull(Question.read(dotted));
  }

  private byte[] ask(byte[] query) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(500);
      socket.send(
          new DatagramPacket(
              query, query.length, new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
      DatagramPacket packet = new DatagramPacket(new byte[1_500], 1_500);
      socket.receive(packet);
      return Arrays.copyOf(packet.getData(), packet.getLength());
    }
  }

  private static byte[] address(byte[] answer) {
    return Arrays.copyOfRange(answer, answer.length - 4, answer.length);
  }

  private static int count(byte[] answer) {
    return ByteBuffer.wrap(answer).getShort(6);
  }

  @Test
  void namesAreForwardedAndKept() throws Exception {
    byte[] answer = ask(query("pypi.org", Question.A));
    assertArrayEquals(new byte[] {(byte) 192, 0, 2, 7}, address(answer));
    assertEquals(0x12, answer[0]);
    byte[] again = ask(query("PyPi.org", Question.A));
    assertArrayEquals(new byte[] {(byte) 192, 0, 2, 7}, address(again));
    assertEquals('P', again[13], "spelling comes back as it was asked");
    assertEquals(1, asked.get());
  }

  @Test
  void namesOfTheMachineAreKnownButNotItself() throws Exception {
    assertArrayEquals(
        new byte[] {(byte) 192, 0, 2, 80}, address(ask(query("registry.example", Question.A))));
    assertEquals(0, asked.get());
    assertArrayEquals(new byte[] {(byte) 192, 0, 2, 7}, address(ask(query("machine", Question.A))));
  }

  @Test
  void localhostIsTheSandboxAndThereIsNoIpv6() throws Exception {
    assertArrayEquals(new byte[] {127, 0, 0, 1}, address(ask(query("a.localhost", Question.A))));
    assertEquals(0, count(ask(query("a.localhost", TEXT))));
    byte[] v6 = ask(query("pypi.org", Question.AAAA));
    assertEquals(0, count(v6));
    assertEquals(0, v6[3] & 0x0f);
    assertEquals(0, asked.get());
  }

  @Test
  void malformedPacketsGetNoAnswer() {
    byte[] good = query("pypi.org", Question.A);
    byte[] answerNotQuery = good.clone();
    answerNotQuery[2] |= (byte) 0x80;
    byte[] twoQuestions = good.clone();
    twoQuestions[5] = 2;
    byte[] pointer = good.clone();
    pointer[12] = (byte) 0xc0;
    for (byte[] bad :
        new byte[][] {
          new byte[0],
          new byte[3],
          Arrays.copyOf(good, good.length - 1),
          answerNotQuery,
          twoQuestions,
          pointer
        }) {
      assertThrows(SocketTimeoutException.class, () -> ask(bad));
    }
  }

  @Test
  void tcpIsAnsweredToo() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      for (int i = 0; i < 2; i++) {
        byte[] query = query("registry.example", Question.A);
        socket.getOutputStream().write(new byte[] {0, (byte) query.length});
        socket.getOutputStream().write(query);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] answer = new byte[in.readUnsignedShort()];
        in.readFully(answer);
        assertArrayEquals(new byte[] {(byte) 192, 0, 2, 80}, address(answer));
      }
    }
  }

  @Test
  void oneSourceIsBounded() throws Exception {
    RateLimit rate = new RateLimit(10, 20);
    InetAddress source = InetAddress.ofLiteral("10.7.0.2");
    int admitted = 0;
    for (int i = 0; i < 1_000; i++) {
      admitted += rate.admits(source) ? 1 : 0;
    }
    assertTrue(admitted >= 20 && admitted < 40, "admitted " + admitted);
    assertTrue(rate.admits(InetAddress.ofLiteral("10.7.0.3")));
  }

  @Property(tries = 2_000)
  void anyBytesAreReadOrRefused(@ForAll byte[] packet) {
    Question question = Question.read(packet);
    if (packet.length < Question.HEADER) {
      assertNull(question);
    }
  }
}
