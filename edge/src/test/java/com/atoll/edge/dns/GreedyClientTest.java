package com.atoll.edge.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.FairShare;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One client that asks without end, and another one. */
class GreedyClientTest {
  private static final InetAddress SERVER = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress GREEDY = InetAddress.ofLiteral("127.0.0.2");
  private static final InetAddress OTHER = InetAddress.ofLiteral("127.0.0.3");
  private static final Inet4Address ANSWER = Inet4Address.ofLiteral("192.0.2.7");
  private static final int EACH = 32;
  private static final int EACH_CONNECTED = 8;

  private final CountDownLatch full = new CountDownLatch(EACH);
  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicInteger slow = new AtomicInteger();
  private DnsServer server;
  private int port;

  @BeforeEach
  void start() throws Exception {
    listen(60_000);
  }

  private void listen(long patienceMs) throws IOException {
    try (DatagramSocket free = new DatagramSocket(0, SERVER)) {
      port = free.getLocalPort();
    }
    server = new DnsServer(SERVER.getHostAddress(), port, this::answer, patienceMs);
    server.start();
    while (!server.isListening()) {
      java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
    }
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.close();
  }

  /** Some names nobody knows for a long time, and some have a long answer. */
  private byte[] answer(byte[] query, InetAddress client, boolean tcp) {
    Question question = Objects.requireNonNull(Question.read(query));
    if (question.name().equals("slow.example")) {
      slow.incrementAndGet();
      full.countDown();
      try {
        end.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    if (question.name().equals("long.example")) {
      return new byte[60_000];
    }
    return Answers.addresses(query, question, List.of(ANSWER));
  }

  private DatagramSocket datagrams(InetAddress from) throws IOException {
    DatagramSocket socket = new DatagramSocket(0, from);
    socket.connect(SERVER, port);
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static void ask(DatagramSocket socket, String name) throws IOException {
    byte[] query = Question.query(name);
    socket.send(new DatagramPacket(query, query.length));
  }

  private static byte[] answer(DatagramSocket socket) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[1_500], 1_500);
    socket.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  private Socket connect(InetAddress from) throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(from, 0));
    socket.connect(new InetSocketAddress(SERVER, port), 10_000);
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static void ask(Socket socket, String name) throws IOException {
    byte[] query = Question.query(name);
    socket.getOutputStream().write(new byte[] {0, (byte) query.length});
    socket.getOutputStream().write(query);
  }

  private static byte[] answer(Socket socket) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    byte[] answer = new byte[in.readUnsignedShort()];
    in.readFully(answer);
    return answer;
  }

  private static void assertAnswered(byte[] answer) {
    assertTrue(answer.length > 4);
    assertEquals(
        List.of((byte) 192, (byte) 0, (byte) 2, (byte) 7),
        List.of(
            answer[answer.length - 4],
            answer[answer.length - 3],
            answer[answer.length - 2],
            answer[answer.length - 1]));
  }

  @Test
  void whoeverHasManyQuestionsOpenKeepsNobodyElseFromBeingAnswered() throws Exception {
    try (DatagramSocket greedy = datagrams(GREEDY);
        DatagramSocket other = datagrams(OTHER)) {
      for (int i = 0; i < 150; i++) {
        ask(greedy, "slow.example");
      }
      ask(other, "pypi.org");
      assertAnswered(answer(other));
      // All 150 were there before the other one's question, and these only were taken.
      assertTrue(full.await(10, TimeUnit.SECONDS));
      end.countDown();
      for (int i = 0; i < EACH; i++) {
        assertAnswered(answer(greedy));
      }
      assertEquals(EACH, slow.get());
    }
  }

  @Test
  void whoeverConnectsAgainAndAgainKeepsNobodyElseFromBeingAnswered() throws Exception {
    List<Socket> greedy = new ArrayList<>();
    try {
      for (int i = 0; i < 150; i++) {
        greedy.add(connect(GREEDY));
      }
      try (Socket other = connect(OTHER)) {
        ask(other, "pypi.org");
        assertAnswered(answer(other));
      }
      for (Socket taken : greedy.subList(0, EACH_CONNECTED)) {
        ask(taken, "pypi.org");
        assertAnswered(answer(taken));
      }
      Socket tooMany = greedy.get(EACH_CONNECTED);
      assertEnded(() -> assertEquals(-1, tooMany.getInputStream().read()));
    } finally {
      for (Socket socket : greedy) {
        socket.close();
      }
    }
  }

  private interface Use {
    void run() throws IOException;
  }

  /** The end of a connection, or its reset. */
  private static void assertEnded(Use use) throws IOException {
    try {
      use.run();
    } catch (SocketException reset) {
      assertTrue(true, reset.getMessage());
    }
  }

  @Test
  void aQuestionThatComesInDropsIsNotWaitedForWithoutEnd() throws Exception {
    server.close();
    listen(300);
    try (Socket socket = connect(GREEDY)) {
      socket.setSoTimeout(50);
      assertEnded(() -> {
        socket.getOutputStream().write(new byte[] {2, 0});
        boolean open = true;
        // Each byte comes well within the patience; all of them would take half a minute.
        for (int i = 0; open && i < 512; i++) {
          socket.getOutputStream().write(0);
          try {
            open = socket.getInputStream().read() >= 0;
          } catch (SocketTimeoutException quiet) {
            open = true;
          }
        }
        assertTrue(!open, "the connection stays");
      });
    }
  }

  @Test
  void anAnswerThatNobodyTakesIsNotOfferedWithoutEnd() throws Exception {
    server.close();
    listen(300);
    try (Socket socket = connect(GREEDY)) {
      socket.setReceiveBufferSize(4_096);
      for (int i = 0; i < 300; i++) {
        ask(socket, "long.example");
      }
      assertThrows(
          SocketException.class,
          () -> {
            for (int i = 0; i < 1_000; i++) {
              socket.getOutputStream().write(0);
              java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
            }
          });
    }
  }

  @Test
  void whoeverHoldsNothingIsForgotten() {
    FairShare<InetAddress> share = new FairShare<>(3, 2);
    assertTrue(share.take(GREEDY));
    assertTrue(share.take(GREEDY));
    assertFalse(share.take(GREEDY));
    assertTrue(share.take(OTHER));
    assertFalse(share.take(OTHER), "there are no more in all");
    assertEquals(2, share.sources());
    share.giveBack(OTHER);
    share.giveBack(GREEDY);
    assertEquals(1, share.sources());
    share.giveBack(GREEDY);
    assertEquals(0, share.sources());
    assertTrue(share.take(OTHER));
  }

  @Test
  void theLastPlacesAreForThoseWhoHoldNone() {
    FairShare<Integer> share = new FairShare<>(16, 8);
    for (int i = 0; i < 8; i++) {
      assertEquals(i < 6, share.take(1));
      assertEquals(i < 6, share.take(2));
    }
    assertTrue(share.take(3));
    assertFalse(share.take(3));
    assertTrue(share.take(4) && share.take(5) && share.take(6));
    assertFalse(share.take(7), "there are no more in all");
  }
}
