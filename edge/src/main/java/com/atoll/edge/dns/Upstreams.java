package com.atoll.edge.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The machine's own resolvers. Each query goes out on a socket of its own, connected to the
 * resolver and under a fresh number, so that nobody else's answer is taken for it.
 */
final class Upstreams {
  private static final Logger log = LoggerFactory.getLogger(Upstreams.class);
  private static final int PORT = 53;
  private static final int TIMEOUT_MS = 1_500;
  private static final int MOST = 3;
  private static final int LARGEST = 4_096;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path resolvConf;
  private final int port;

  Upstreams(Path resolvConf) {
    this(resolvConf, PORT);
  }

  Upstreams(Path resolvConf, int port) {
    this.resolvConf = resolvConf;
    this.port = port;
  }

  List<InetAddress> servers() {
    List<InetAddress> servers = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(resolvConf)) {
        String[] words = line.strip().split("\\s+", -1);
        if (words.length >= 2 && words[0].equals("nameserver") && servers.size() < MOST) {
          servers.add(InetAddress.ofLiteral(words[1]));
        }
      }
    } catch (IOException | IllegalArgumentException unreadable) {
      return servers;
    }
    return servers;
  }

  /** The substance of the first good answer of any resolver, or null. */
  byte @Nullable [] ask(byte[] query, Question question) {
    for (InetAddress server : servers()) {
      try {
        byte[] answer = ask(server, query, question);
        if ((answer[3] & 0x0f) != Answers.SERVER_FAILURE) {
          return answer;
        }
      } catch (IOException noAnswer) {
        log.debug("{} does not answer", server, noAnswer);
      }
    }
    return null;
  }

  /** Whole where it can be had: what does not fit into a packet is asked for over TCP. */
  private byte[] ask(InetAddress server, byte[] query, Question question) throws IOException {
    byte[] answer = overUdp(server, query, question);
    byte[] whole = answer;
    if (Answers.isTruncated(answer)) {
      try {
        whole = overTcp(server, query, question);
      } catch (IOException partOnly) {
        log.debug("{} does not answer over TCP", server, partOnly);
      }
    }
    byte[] substance = Answers.substance(whole, question);
    if (substance == null) {
      throw new IOException("not an answer that can be read");
    }
    return substance;
  }

  private byte[] overUdp(InetAddress server, byte[] query, Question question) throws IOException {
    byte[] own = numbered(query);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(server, port);
      long deadline = System.nanoTime() + TIMEOUT_MS * 1_000_000L;
      socket.send(new DatagramPacket(own, own.length));
      byte[] buffer = new byte[LARGEST];
      while (true) {
        int left = (int) ((deadline - System.nanoTime()) / 1_000_000);
        if (left <= 0) {
          throw new SocketTimeoutException();
        }
        socket.setSoTimeout(left);
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        byte[] answer = Arrays.copyOf(buffer, packet.getLength());
        if (answer.length >= Question.HEADER
            && answer[0] == own[0]
            && answer[1] == own[1]
            && question.isAnsweredBy(answer, query)) {
          return answer;
        }
      }
    }
  }

  private byte[] overTcp(InetAddress server, byte[] query, Question question) throws IOException {
    byte[] own = numbered(query);
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(server, port), TIMEOUT_MS);
      socket.setSoTimeout(TIMEOUT_MS);
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      byte[] framed = new byte[own.length + 2];
      framed[0] = (byte) (own.length >> 8);
      framed[1] = (byte) own.length;
      System.arraycopy(own, 0, framed, 2, own.length);
      out.write(framed);
      out.flush();
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] answer = new byte[in.readUnsignedShort()];
      in.readFully(answer);
      if (answer.length < Question.HEADER
          || answer[0] != own[0]
          || answer[1] != own[1]
          || !question.isAnsweredBy(answer, query)) {
        throw new IOException("not the answer to this query");
      }
      return answer;
    }
  }

  private static byte[] numbered(byte[] query) {
    byte[] own = query.clone();
    int number = RANDOM.nextInt(0x10000);
    own[0] = (byte) (number >> 8);
    own[1] = (byte) number;
    return own;
  }
}
