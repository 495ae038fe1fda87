package com.atoll.node.guest;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** One call on one connection: a header line and its body out, an answer line and its bytes in. */
final class Connection implements Closeable {
  /** What is larger or deeper than any honest answer is no JSON to us. */
  static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxTokenCount(400_000)
                          .maxNestingDepth(16)
                          .maxStringLength(32 << 10)
                          .maxNameLength(64)
                          .maxNumberLength(40)
                          .build())
                  .build())
          .build();

  /** Twelve listings of the largest size at once, and one or two of one guest. */
  private static final AnswerBudget BUDGET = new AnswerBudget(96L << 20, 34L << 20);

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int VERSION = 1;
  private static final int MAX_ANSWER = 8 << 20;
  private static final int FIRST_READ = 8 << 10;
  private static final Pattern CODE = Pattern.compile("[A-Z0-9_]{1,40}");
  private static final int MAX_MESSAGE = 1000;

  private final SocketAddress guest;
  private final SocketChannel channel;
  private final @Nullable String token;
  private long reserved;
  private boolean sent;
  private Deadline deadline;
  private ByteBuffer received = ByteBuffer.allocate(FIRST_READ).flip();

  private Connection(
      SocketAddress guest, SocketChannel channel, @Nullable String token, Deadline deadline) {
    this.guest = guest;
    this.channel = channel;
    this.token = token;
    this.deadline = deadline;
  }

  /** A header that names its call. */
  static ObjectNode header(String call) {
    return JSON.createObjectNode().put("v", VERSION).put("call", call);
  }

  static Connection open(
      SocketAddress address, GuestClient.@Nullable Tcp tcp, @Nullable Duration limit) {
    try {
      SocketChannel channel = channel(address);
      if (tcp != null) {
        tcp.calls().add(channel);
      }
      String token = tcp == null ? null : tcp.token();
      Connection connection = new Connection(address, channel, token, Deadline.of(channel, limit));
      try {
        channel.connect(address);
        return connection;
      } catch (IOException refused) {
        connection.close();
        throw connection.broken(refused);
      }
    } catch (IOException e) {
      throw new GuestException(GuestException.UNREACHABLE, "No socket can be opened", e, false);
    }
  }

  private static SocketChannel channel(SocketAddress address) throws IOException {
    if (address instanceof UnixDomainSocketAddress) {
      return SocketChannel.open(StandardProtocolFamily.UNIX);
    }
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.INET);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    return channel;
  }

  /** Sends the header and the bytes that belong to it. */
  void send(ObjectNode header, byte @Nullable [] body) {
    if (token != null) {
      header.put("token", token);
    }
    byte[] line = JSON.writeValueAsBytes(header);
    int size = line.length + 1 + (body == null ? 0 : body.length);
    ByteBuffer out = ByteBuffer.allocate(size).put(line).put((byte) '\n');
    if (body != null) {
      out.put(body);
    }
    try {
      stream().writeFully(out.flip());
      sent = true;
    } catch (IOException e) {
      // The guest may have refused the header already: its answer says more than the broken pipe.
      if (deadline.passed()) {
        throw broken(e);
      }
    }
  }

  /** Has a command end; its answer is read by whoever waits for it. */
  void end() {
    try {
      var _ = channel.write(ByteBuffer.wrap(new byte[] {'\n'}));
    } catch (IOException over) {
      // It has ended, or whoever reads its answer hears of this too.
      return;
    }
  }

  /** The answer of a call that succeeded. */
  JsonNode answer() {
    JsonNode answer;
    try {
      answer = JSON.readTree(line());
    } catch (JacksonException e) {
      throw new GuestException(GuestException.PROTOCOL, "The guest's answer is not JSON", e);
    }
    if (answer.path("ok").asBoolean(false)) {
      return answer;
    }
    throw refusal(answer);
  }

  /** The answer to what was sent after {@link #detach}, within a limit of its own. */
  JsonNode answer(Duration limit) {
    deadline.close();
    deadline = Deadline.of(channel, limit);
    return answer();
  }

  static GuestException refusal(JsonNode answer) {
    String code = answer.path("code").asString("");
    String message = answer.path("message").asString("");
    return new GuestException(
        CODE.matcher(code).matches() ? code : GuestException.PROTOCOL,
        message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE) : message);
  }

  private byte[] line() {
    try {
      int searched = 0;
      while (true) {
        for (int i = searched; i < received.remaining(); i++) {
          if (received.get(received.position() + i) == '\n') {
            byte[] line = new byte[i];
            received.get(line).get();
            return line;
          }
        }
        searched = received.remaining();
        more();
      }
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private void more() throws IOException {
    ByteBuffer larger = received.compact();
    if (!larger.hasRemaining()) {
      if (larger.capacity() >= MAX_ANSWER) {
        throw GuestException.protocol("a line of more than " + MAX_ANSWER + " bytes");
      }
      reserve(larger.capacity() * 4L);
      larger = ByteBuffer.allocate(larger.capacity() * 4).put(larger.flip());
    }
    int size;
    try {
      size = channel.read(larger);
    } finally {
      received = larger.flip();
    }
    if (size < 0) {
      throw new IOException("the guest closed the connection without an answer");
    }
  }

  /** Exactly this many of the bytes that follow the answer. */
  byte[] bytes(long size, long limit) {
    if (size < 0 || size > limit) {
      throw GuestException.protocol("a part of " + size + " bytes");
    }
    reserve(size);
    byte[] part = new byte[(int) size];
    Deadline soon = Deadline.of(channel, GuestClient.STALL);
    try {
      stream().readFully(ByteBuffer.wrap(part));
      return part;
    } catch (IOException e) {
      throw broken(e);
    } finally {
      soon.close();
    }
  }

  private void reserve(long bytes) {
    if (bytes <= AnswerBudget.FREE) {
      return;
    }
    if (!BUDGET.take(guest, bytes, PATIENCE)) {
      throw new GuestException(GuestException.CROWDED, "Too many large answers at once");
    }
    reserved += bytes;
  }

  private void giveBack() {
    if (reserved > 0) {
      BUDGET.give(guest, reserved);
      reserved = 0;
    }
  }

  /** Whether exactly this is what the guest sent besides its answer, until it closed. */
  boolean endsWith(String text) {
    ByteBuffer wanted = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    try {
      while (received.remaining() <= wanted.remaining()) {
        more();
      }
    } catch (IOException closed) {
      return received.equals(wanted);
    }
    return false;
  }

  /** The connection as a stream of bytes; the time limit ends here. */
  GuestStream detach() {
    deadline.close();
    giveBack();
    return stream();
  }

  private GuestStream stream() {
    return new GuestStream(channel, received, null);
  }

  GuestException broken(IOException cause) {
    return deadline.passed()
        ? new GuestException(
            GuestException.DEADLINE, "The guest did not answer in time", cause, sent)
        : new GuestException(GuestException.UNREACHABLE, "The guest does not answer", cause, sent);
  }

  @Override
  public void close() {
    deadline.close();
    giveBack();
    try {
      channel.close();
    } catch (IOException alreadyBroken) {
      // There is nothing left to release.
      return;
    }
  }
}
