package com.atoll.edge.dns;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All sandboxes share what was answered to one of them: nobody's way of asking spoils it. */
final class SharedCacheTest {
  private static final InetAddress UPSTREAM = InetAddress.ofLiteral("127.0.0.5");
  private static final InetAddress ONE = InetAddress.ofLiteral("10.7.0.2");
  private static final Inet4Address ADDRESS = Inet4Address.ofLiteral("192.0.2.7");
  private static final int USUAL = 0x0100;
  private static final int TEXT = 16;

  @TempDir Path folder;
  private final BlockingQueue<byte[]> asked = new LinkedBlockingQueue<>();
  private DatagramSocket datagrams;
  private ServerSocket connections;
  private Answerer resolver;

  /** A name server that does what the standards let it do with odd queries. */
  @BeforeEach
  void start() throws Exception {
    datagrams = new DatagramSocket(0, UPSTREAM);
    connections = new ServerSocket(datagrams.getLocalPort(), 8, UPSTREAM);
    resolver =
        new Reception(
            Resolvers.asking(folder, UPSTREAM.getHostAddress(), connections.getLocalPort()));
    Thread.ofVirtual().start(() -> untilClosed(this::answerDatagram));
    Thread.ofVirtual().start(() -> untilClosed(this::answerConnection));
  }

  @AfterEach
  void stop() throws Exception {
    datagrams.close();
    connections.close();
  }

  private interface Step {
    void run() throws IOException;
  }

  private void untilClosed(Step step) {
    try {
      while (!datagrams.isClosed()) {
        step.run();
      }
    } catch (IOException closed) {
      datagrams.close();
    }
  }

  private void answerDatagram() throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[4_096], 4_096);
    datagrams.receive(packet);
    byte[] query = Arrays.copyOf(packet.getData(), packet.getLength());
    asked.add(query);
    byte[] answer = upstream(query);
    if (answer.length > 512) {
      answer = Answers.truncated(query, Objects.requireNonNull(Question.read(query)));
    }
    datagrams.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
  }

  private void answerConnection() throws IOException {
    try (Socket socket = connections.accept()) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] query = in.readNBytes(in.readUnsignedShort());
      asked.add(query);
      byte[] answer = upstream(query);
      ByteBuffer framed = ByteBuffer.allocate(answer.length + 2);
      socket.getOutputStream().write(framed.putShort((short) answer.length).put(answer).array());
    }
  }

  private static byte[] upstream(byte[] query) {
    Question question = Objects.requireNonNull(Question.read(query));
    boolean recursive = (query[2] & 1) != 0;
    boolean odd = query.length > question.end() && query[question.end() + 6] != 0;
    if (odd || question.name().startsWith("extended.")) {
      byte[] refused = withOpt(Answers.empty(query, question, Answers.NO_ERROR), 0);
      refused[question.end() + 5] = 1;
      return refused;
    }
    int count = question.name().startsWith("large.") ? 50 : recursive ? 1 : 0;
    return Answers.addresses(query, question, Collections.nCopies(count, ADDRESS));
  }

  private static byte[] query(String name, int flags, int type) {
    byte[] query = Question.query(name);
    ByteBuffer.wrap(query).putShort(0, (short) 0x1234).putShort(2, (short) flags);
    return ByteBuffer.wrap(query).putShort(query.length - 4, (short) type).array();
  }

  /** With the record that says how one speaks, of this version. */
  private static byte[] withOpt(byte[] query, int version) {
    return withOpt(query, 1_232, version, 0, new byte[0]);
  }

  private static byte[] withOpt(byte[] query, int size, int version, int flags, byte[] options) {
    ByteBuffer out = ByteBuffer.allocate(query.length + 11 + options.length).put(query);
    out.put((byte) 0).putShort((short) 41).putShort((short) size);
    out.put((byte) 0).put((byte) version).putShort((short) flags);
    out.putShort((short) options.length).put(options);
    return out.putShort(10, (short) (out.getShort(10) + 1)).array();
  }

  private byte[] ask(byte[] query, boolean tcp) {
    byte[] answer = Objects.requireNonNull(resolver.answer(query, ONE, tcp));
    assertEquals(0x12, answer[0]);
    assertEquals(0x34, answer[1]);
    return answer;
  }

  private static int code(byte[] answer) {
    return answer[3] & 0x0f;
  }

  private static int count(byte[] answer) {
    return ByteBuffer.wrap(answer).getShort(6);
  }

  private static int more(byte[] answer) {
    return ByteBuffer.wrap(answer).getShort(10);
  }

  private void assertUsual(String name) {
    assertEquals(1, count(ask(query(name, USUAL, Question.A), false)));
    assertEquals(1, count(ask(withOpt(query(name, USUAL, Question.A), 0), false)));
  }

  @Test
  void aVersionThatNobodyKnowsIsToldSoAndAskedNowhere() {
    byte[] query = withOpt(query("a.test", USUAL, Question.A), 1);
    for (boolean tcp : List.of(false, true)) {
      byte[] answer = ask(query, tcp);
      assertEquals(0, code(answer));
      assertEquals(0, count(answer));
      assertEquals(1, more(answer));
      // BADVERS is 16: its lower bits stand in the head, its upper ones in the record.
      int opt = answer.length - 11;
      assertArrayEquals(
          new byte[] {0, 0, 41, 4, (byte) 208, 1, 0, 0, 0, 0, 0},
          Arrays.copyOfRange(answer, opt, answer.length));
    }
    assertEquals(0, asked.size());
    assertUsual("a.test");
  }

  @ParameterizedTest
  @ValueSource(ints = {0x0000, 0x0010, 0x0110, 0x0120, 0x0140, 0x0180, 0x0500, 0x0300})
  void oddFlagsOfOneAreNotAskedFor(int flags) {
    assertEquals(1, count(ask(query("b.test", flags, Question.A), false)));
    assertUsual("b.test");
    assertAskedPlainlyOnce();
  }

  @Test
  void optionsOfOneAreNotAskedFor() {
    byte[] subnet = {0, 8, 0, 7, 0, 1, 24, 0, 1, 2, 3};
    byte[] query = withOpt(query("c.test", USUAL, Question.A), 4_096, 0, 0x8000, subnet);
    byte[] answer = ask(query, false);
    assertEquals(1, count(answer));
    assertEquals(1, more(answer), "who says how it speaks is told the same");
    assertEquals(0, more(ask(query("c.test", USUAL, Question.A), false)));
    assertUsual("c.test");
    assertAskedPlainlyOnce();
  }

  private void assertAskedPlainlyOnce() {
    byte[] query = asked.remove();
    assertEquals(0, asked.size());
    assertEquals(USUAL, ByteBuffer.wrap(query).getShort(2));
    assertEquals(0, more(query));
    assertEquals(Objects.requireNonNull(Question.read(query)).end(), query.length);
  }

  @Test
  void flagsOfAnAnswerAreThoseOfItsQuery() {
    assertEquals((byte) 0x81, ask(query("d.test", USUAL, Question.A), false)[2]);
    assertEquals((byte) 0x80, ask(query("d.test", 0, Question.A), false)[2]);
    assertEquals((byte) 0x90, ask(query("d.test", 0x0110, Question.A), false)[3]);
  }

  @Test
  void anAnswerWithACodeThatDoesNotFitIntoItsHeadIsNone() {
    for (int i = 0; i < 2; i++) {
      byte[] answer = ask(query("extended.test", USUAL, TEXT), false);
      assertEquals(Answers.SERVER_FAILURE, code(answer));
    }
    assertEquals(2, asked.size(), "it is not kept");
  }

  @Test
  void whatSaysTwoThingsOrNoneIsMalformed() {
    byte[] plain = query("e.test", USUAL, Question.A);
    byte[] twice = withOpt(withOpt(plain, 0), 0);
    byte[] cut = Arrays.copyOf(withOpt(plain, 0), plain.length + 10);
    byte[] named = withOpt(plain, 0);
    named[plain.length] = (byte) 0xc0;
    for (byte[] query : List.of(twice, cut, named)) {
      assertEquals(Answers.FORMAT_ERROR, code(ask(query, false)));
    }
    assertEquals(0, asked.size());
  }

  @Test
  void aLargeAnswerIsWholeForWhoeverTakesIt() {
    byte[] plain = query("large.test", USUAL, Question.A);
    assertEquals(50, count(ask(withOpt(plain, 0), false)));
    assertEquals(50, count(ask(plain, true)));
    for (byte[] small : List.of(plain, withOpt(plain, 600, 0, 0, new byte[0]))) {
      byte[] answer = ask(small, false);
      assertEquals(0, count(answer));
      assertEquals(0x02, answer[2] & 0x02);
    }
    assertEquals(2, asked.size(), "once in a packet and once over TCP");
  }

  @Test
  void lettersOutsideOfAsciiAreNotTheSameInAnotherCase() {
    String large = new String(new byte[] {(byte) 0xc9}, StandardCharsets.ISO_8859_1);
    String small = new String(new byte[] {(byte) 0xe9}, StandardCharsets.ISO_8859_1);
    ask(query(large + ".test", USUAL, Question.A), false);
    ask(query(small + ".test", USUAL, Question.A), false);
    assertEquals(2, asked.size());
    ask(query(small + ".TEST", USUAL, Question.A), false);
    assertEquals(2, asked.size());
  }
}
