package com.atoll.server.machines;

import com.atoll.node.v1.NodeGrpc;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a node's call socket, {@code proto/calls.md}, in the shape of a gRPC channel for
 * calls with one reply. One call at a time, done whole on the thread that makes it.
 */
final class NodeLine extends Channel implements NodeWay {
  private static final int MOST_REQUEST = 4 << 20;
  private static final int MOST_REPLY = (32 << 20) + 1;
  private static final int FIRST = 8 << 10;

  /** What one write hands over: a thread keeps a buffer as large as its largest write. */
  private static final int PIECE = 64 << 10;

  private final SocketChannel socket;
  private final NodeLines lines;
  private final NodeGrpc.NodeBlockingStub stub = NodeGrpc.newBlockingStub(this);
  private byte[] received = new byte[FIRST];
  private boolean sent;
  private boolean answered;
  private volatile boolean broken;

  /** When the call that is being made is late, in nanoseconds; 0 while none is. */
  private volatile long lateAt;

  private volatile boolean late;

  private NodeLine(SocketChannel socket, NodeLines lines) {
    this.socket = socket;
    this.lines = lines;
  }

  static NodeLine connect(Path path, NodeLines lines) throws IOException {
    SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      socket.connect(UnixDomainSocketAddress.of(path));
      return new NodeLine(socket, lines);
    } catch (IOException away) {
      socket.close();
      throw away;
    }
  }

  /** Makes it ready for a call that is late then. */
  NodeLine until(long nanos) {
    sent = false;
    answered = false;
    lateAt = nanos == 0 ? 1 : nanos;
    return this;
  }

  /** Breaks a call off whose time is over. */
  void check(long now) {
    long end = lateAt;
    if (end != 0 && now - end > 0) {
      late = true;
      drop();
    }
  }

  boolean isBroken() {
    return broken;
  }

  /** Closes the connection. */
  void drop() {
    broken = true;
    try {
      socket.close();
    } catch (IOException alreadyGone) {
      // Nothing is left to release.
      return;
    }
  }

  @Override
  public NodeGrpc.NodeBlockingStub stub() {
    return stub;
  }

  @Override
  public boolean sent() {
    return sent;
  }

  @Override
  public boolean answered() {
    return answered;
  }

  @Override
  public void close() {
    lateAt = 0;
    lines.give(this);
  }

  @Override
  public String authority() {
    return "node";
  }

  @Override
  public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
    return new ClientCall<>() {
      private @Nullable Listener<A> listener;
      private @Nullable Q request;

      @Override
      public void start(Listener<A> listener, Metadata headers) {
        this.listener = listener;
      }

      @Override
      public void request(int messages) {}

      @Override
      public void cancel(@Nullable String message, @Nullable Throwable cause) {}

      @Override
      public void sendMessage(Q message) {
        request = message;
      }

      @Override
      public void halfClose() {
        Listener<A> hears = Objects.requireNonNull(listener);
        Metadata trailers = new Metadata();
        Status status;
        try {
          send(method.getBareMethodName(), (MessageLite) Objects.requireNonNull(request));
          status = receive(method, hears, trailers);
        } catch (IOException | RuntimeException failed) {
          drop();
          status = failure(failed);
        }
        hears.onClose(status, trailers);
      }
    };
  }

  private Status failure(Exception failed) {
    if (failed instanceof StatusRuntimeException known) {
      return known.getStatus();
    }
    if (late) {
      return Status.DEADLINE_EXCEEDED.withCause(failed);
    }
    if (Thread.currentThread().isInterrupted()) {
      return Status.CANCELLED.withCause(failed);
    }
    return failed instanceof IOException
        ? Status.UNAVAILABLE.withCause(failed)
        : Status.INTERNAL.withCause(failed);
  }

  private void send(@Nullable String method, MessageLite message) throws IOException {
    byte[] name = String.valueOf(method).getBytes(StandardCharsets.US_ASCII);
    int size = message.getSerializedSize();
    if (size > MOST_REQUEST) {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription("the request has " + size + " bytes")
          .asRuntimeException();
    }
    byte[] frame = new byte[5 + name.length + size];
    ByteBuffer.wrap(frame).putInt(1 + name.length + size).put((byte) name.length).put(name);
    message.writeTo(CodedOutputStream.newInstance(frame, 5 + name.length, size));
    for (int from = 0; from < frame.length; ) {
      int piece = Math.min(PIECE, frame.length - from);
      from += socket.write(ByteBuffer.wrap(frame, from, piece));
    }
    sent = true;
  }

  private <A> Status receive(
      MethodDescriptor<?, A> method, ClientCall.Listener<A> listener, Metadata trailers)
      throws IOException {
    int filled = fill(0, 4);
    int length = ByteBuffer.wrap(received).getInt();
    if (length < 1 || length > MOST_REPLY) {
      throw new IOException("a reply of " + Integer.toUnsignedString(length) + " bytes");
    }
    if (fill(filled, 4 + length) > 4 + length) {
      throw new IOException("more than a reply");
    }
    answered = true;
    ByteBuffer reply = ByteBuffer.wrap(received, 4, length);
    int code = reply.get();
    if (code == 0) {
      listener.onMessage(
          method.parseResponse(
              new ByteArrayInputStream(received, reply.position(), reply.remaining())));
      shrink();
      return Status.OK;
    }
    trailers.put(NodeErrors.CODE, text(reply));
    String sentence = text(reply);
    return Status.fromCodeValue(code).withDescription(sentence);
  }

  /** Reads until so many bytes are there, and says how many are. */
  private int fill(int filled, int count) throws IOException {
    if (count > received.length) {
      received = Arrays.copyOf(received, count);
    }
    while (filled < count) {
      int read = socket.read(ByteBuffer.wrap(received, filled, received.length - filled));
      if (read < 0) {
        throw new EOFException("the node closed the connection");
      }
      filled += read;
    }
    return filled;
  }

  private void shrink() {
    if (received.length > PIECE) {
      received = new byte[FIRST];
    }
  }

  private static String text(ByteBuffer reply) throws IOException {
    if (reply.remaining() < 2) {
      throw new EOFException("the refusal is cut off");
    }
    byte[] bytes = new byte[Math.min(Short.toUnsignedInt(reply.getShort()), reply.remaining())];
    reply.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
