package com.atoll.server.domains;

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

/** Questions to resolvers: over UDP, and over TCP where the answer is too long for that. */
public final class Dns {
  private static final Path MACHINE = Path.of("/etc/resolv.conf");
  private static final int PORT = 53;
  private static final int MILLIS = 1_500;
  private static final int ATTEMPTS = 2;
  private static final int LARGEST = 4_096;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final @Nullable InetSocketAddress resolver;

  /**
   * Asks one resolver.
   *
   * @param resolver {@code address:port}; null for the resolvers of the machine
   */
  public Dns(@Nullable String resolver) {
    this.resolver = resolver == null ? null : address(resolver);
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    return new InetSocketAddress(
        InetAddress.ofLiteral(text.substring(0, colon)),
        Integer.parseInt(text.substring(colon + 1)));
  }

  /**
   * What a question brought.
   *
   * @param values texts, addresses, or names in lower case without a final dot; none when there are
   *     none
   * @param failure why there is no answer; null when there is one
   */
  public record Found(List<String> values, @Nullable String failure) {}

  /** All texts of a name. */
  public Found texts(String name) {
    return ask(name, DnsMessage.TXT);
  }

  /** The name that this one stands for. */
  public Found alias(String name) {
    return ask(name, DnsMessage.CNAME);
  }

  /** The addresses of a name, of both kinds; a resolver follows aliases by itself. */
  public Found addresses(String name) {
    Found old = ask(name, DnsMessage.A);
    if (old.failure() != null) {
      return old;
    }
    Found young = ask(name, DnsMessage.AAAA);
    List<String> all = new ArrayList<>(old.values());
    all.addAll(young.values());
    return new Found(List.copyOf(all), all.isEmpty() ? young.failure() : null);
  }

  private Found ask(String name, int type) {
    byte[] question = DnsMessage.question(RANDOM.nextInt(1 << 16), name, type);
    String failure = "there is no resolver";
    for (InetSocketAddress one : resolvers()) {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        try {
          return new Found(DnsMessage.answers(overUdp(one, question), type), null);
        } catch (SocketTimeoutException late) {
          failure = "the resolver does not answer";
        } catch (IOException failed) {
          String why = failed.getMessage();
          failure = why == null ? "the resolver cannot be reached" : why;
        }
      }
    }
    return new Found(List.of(), failure);
  }

  private List<InetSocketAddress> resolvers() {
    if (resolver != null) {
      return List.of(resolver);
    }
    try {
      return Files.readAllLines(MACHINE).stream()
          .map(line -> line.strip().split("\\s+", 3))
          .filter(words -> words.length > 1 && words[0].equals("nameserver"))
          .map(words -> new InetSocketAddress(InetAddress.ofLiteral(words[1]), PORT))
          .limit(3)
          .toList();
    } catch (IOException | IllegalArgumentException unreadable) {
      return List.of();
    }
  }

  /** One answer to this question; whatever else arrives is not looked at. */
  private static byte[] overUdp(InetSocketAddress to, byte[] question) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(to);
      socket.send(new DatagramPacket(question, question.length));
      long end = System.nanoTime() + MILLIS * 1_000_000L;
      byte[] buffer = new byte[LARGEST];
      while (true) {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw new SocketTimeoutException();
        }
        socket.setSoTimeout((int) left);
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        byte[] answer = Arrays.copyOf(buffer, packet.getLength());
        if (DnsMessage.answers(answer, question)) {
          return DnsMessage.isTruncated(answer) ? overTcp(to, question) : answer;
        }
      }
    }
  }

  private static byte[] overTcp(InetSocketAddress to, byte[] question) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(to, MILLIS);
      socket.setSoTimeout(MILLIS);
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.writeShort(question.length);
      out.write(question);
      out.flush();
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] answer = new byte[in.readUnsignedShort()];
      in.readFully(answer);
      if (!DnsMessage.answers(answer, question)) {
        throw new IOException("the resolver answers something else");
      }
      return answer;
    }
  }
}
