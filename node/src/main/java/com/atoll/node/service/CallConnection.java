package com.atoll.node.service;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * One caller of {@code proto/calls.md}: one call after the other, read, done and answered on one
 * thread, so that nobody else is woken for it.
 */
final class CallConnection {
  private static final int MOST = (4 << 20) + 256;
  private static final int MOST_REPLY = 32 << 20;
  private static final int FIRST = 8 << 10;

  /** What one write hands over: a thread keeps a buffer as large as its largest write. */
  private static final int PIECE = 64 << 10;

  private final SocketChannel channel;
  private final Map<String, ShortCall<?, ?>> calls;
  private byte[] received = new byte[FIRST];
  private int filled;

  /** The call that is being done; guarded by this. */
  private @Nullable Underway underway;

  /** Whoever reads while a call is done: it takes the first byte of the next one. */
  private @Nullable FutureTask<Integer> reading;

  private record Underway(long since, Context.CancellableContext context) {}

  CallConnection(SocketChannel channel, Map<String, ShortCall<?, ?>> calls) {
    this.channel = channel;
    this.calls = calls;
  }

  /** Answers until the caller leaves. */
  void serve() throws IOException {
    while (await(4)) {
      int length = ByteBuffer.wrap(received).getInt();
      if (length < 2 || length > MOST) {
        throw new IOException("a request of " + Integer.toUnsignedString(length) + " bytes");
      }
      if (!await(4 + length)) {
        return;
      }
      if (filled > 4 + length) {
        throw new IOException("a request before the answer to the one before");
      }
      byte[] reply = answer(length);
      filled = 0;
      if (received.length > PIECE) {
        received = new byte[FIRST];
      }
      write(reply);
    }
  }

  /** Hears from now on when the caller of a call that began before this moment gives it up. */
  synchronized void watch(long before) {
    Underway call = underway;
    if (call == null || reading != null || call.since - before > 0) {
      return;
    }
    reading = new FutureTask<>(() -> readWhile(call));
    Thread.ofVirtual().name("call-watch").start(reading);
  }

  /** What was read: a byte of the next request, or -1 when there is none. */
  private int readWhile(Underway call) {
    ByteBuffer one = ByteBuffer.allocate(1);
    try {
      if (channel.read(one) == 1) {
        return one.get(0);
      }
    } catch (IOException broken) {
      call.context.cancel(broken);
      return -1;
    }
    call.context.cancel(null);
    return -1;
  }

  /** Whether so many bytes are there; false when the caller left before. */
  private boolean await(int count) throws IOException {
    if (count > received.length) {
      received = Arrays.copyOf(received, count);
    }
    if (filled == 0 && !takeEarly()) {
      return false;
    }
    while (filled < count) {
      int read = channel.read(ByteBuffer.wrap(received, filled, received.length - filled));
      if (read < 0) {
        return false;
      }
      filled += read;
    }
    return true;
  }

  private boolean takeEarly() {
    FutureTask<Integer> early;
    synchronized (this) {
      early = reading;
      reading = null;
    }
    if (early == null) {
      return true;
    }
    try {
      int first = early.get();
      if (first < 0) {
        return false;
      }
      received[0] = (byte) first;
      filled = 1;
      return true;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private byte[] answer(int length) {
    Context.CancellableContext context = Context.ROOT.withCancellation();
    Context before = context.attach();
    synchronized (this) {
      underway = new Underway(System.nanoTime(), context);
    }
    try {
      return reply(work(length));
    } catch (RuntimeException failed) {
      return refusal(
          failed instanceof StatusRuntimeException known ? known : Answer.status(failed));
    } finally {
      synchronized (this) {
        underway = null;
      }
      context.detachAndCancel(before, null);
    }
  }

  private MessageLite work(int length) {
    int name = received[4] & 0xff;
    if (1 + name > length) {
      throw Status.INVALID_ARGUMENT.withDescription("the name is cut off").asRuntimeException();
    }
    String method = new String(received, 5, name, StandardCharsets.US_ASCII);
    ShortCall<?, ?> call = calls.get(method);
    if (call == null) {
      throw Status.UNIMPLEMENTED.withDescription("no call " + method).asRuntimeException();
    }
    return call.answer(received, 5 + name, length - 1 - name);
  }

  private static byte[] reply(MessageLite message) {
    int size = message.getSerializedSize();
    if (size > MOST_REPLY) {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription("the answer has " + size + " bytes")
          .asRuntimeException();
    }
    byte[] frame = new byte[5 + size];
    ByteBuffer.wrap(frame).putInt(1 + size);
    try {
      message.writeTo(CodedOutputStream.newInstance(frame, 5, size));
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
    return frame;
  }

  private static byte[] refusal(StatusRuntimeException refused) {
    Metadata trailers = refused.getTrailers();
    byte[] code = text(trailers == null ? null : trailers.get(Answer.CODE));
    byte[] sentence = text(refused.getStatus().getDescription());
    int length = 1 + 2 + code.length + 2 + sentence.length;
    return ByteBuffer.allocate(4 + length)
        .putInt(length)
        .put((byte) refused.getStatus().getCode().value())
        .putShort((short) code.length)
        .put(code)
        .putShort((short) sentence.length)
        .put(sentence)
        .array();
  }

  private static byte[] text(@Nullable String text) {
    byte[] bytes = (text == null ? "" : text).getBytes(StandardCharsets.UTF_8);
    return bytes.length <= Short.MAX_VALUE ? bytes : Arrays.copyOf(bytes, Short.MAX_VALUE);
  }

  private void write(byte[] frame) throws IOException {
    for (int from = 0; from < frame.length; ) {
      from += channel.write(ByteBuffer.wrap(frame, from, Math.min(PIECE, frame.length - from)));
    }
  }
}
