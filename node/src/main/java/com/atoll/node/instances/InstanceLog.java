package com.atoll.node.instances;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The output of an instance over all its restarts: the records of {@code proto/streams.md} one
 * after another, with a mark (stream 0, the process in its sequence field) at each start. Since the
 * records carry their sequence, the file itself says from where to go on after a crash. Beyond 10
 * MiB it becomes {@code .log.1} in place of an older one.
 */
final class InstanceLog implements AutoCloseable {
  static final int STDOUT = 1;
  static final int STDERR = 2;
  private static final int MARK = 0;
  static final int HEAD = 21;
  private static final long ROTATE_BYTES = 10L * 1024 * 1024;
  static final int MOST_FRAME = 1024 * 1024;
  private static final int MOST_TAIL = 1024 * 1024;

  private final Path file;
  private FileChannel channel;
  private long size;
  private long process;
  private long sequence;

  /** Where the last process of the log stands. */
  record Cursor(long process, long sequence) {}

  /** The last lines of both streams as they came, and of each. */
  @SuppressWarnings("ArrayRecordComponent")
  record Tail(byte[] output, byte[] stdout, byte[] stderr) {}

  InstanceLog(Path file) throws IOException {
    this.file = file;
    this.channel = open(file);
    recover();
  }

  synchronized Cursor cursor() {
    return new Cursor(process, sequence);
  }

  /** Notes that another process writes from here on. */
  synchronized void mark(long newProcess, long unixMicros) throws IOException {
    ByteBuffer mark = ByteBuffer.allocate(HEAD);
    mark.putInt(HEAD - 4).put((byte) MARK).putLong(newProcess).putLong(unixMicros).flip();
    write(mark);
    process = newProcess;
    sequence = 0;
  }

  /** Adds one record. */
  synchronized void append(int stream, long newSequence, long unixMicros, ByteBuffer bytes)
      throws IOException {
    if (size > ROTATE_BYTES) {
      rotate(unixMicros);
    }
    ByteBuffer record = ByteBuffer.allocate(HEAD + bytes.remaining());
    record
        .putInt(HEAD - 4 + bytes.remaining())
        .put((byte) stream)
        .putLong(newSequence)
        .putLong(unixMicros)
        .put(bytes)
        .flip();
    write(record);
    sequence = newSequence;
  }

  /** The last lines, from this file and, where it is short, the one before. */
  static Tail tail(Path file, int lines) throws IOException {
    Deque<byte[]> output = new ArrayDeque<>();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    output.add(older(file));
    output.add(Files.exists(file) ? Files.readAllBytes(file) : new byte[0]);
    for (byte[] part : output) {
      ByteBuffer frames = ByteBuffer.wrap(part);
      while (frames.remaining() >= HEAD) {
        int length = frames.getInt() - (HEAD - 4);
        int stream = frames.get();
        frames.position(frames.position() + 16);
        if (length < 0 || length > frames.remaining()) {
          break;
        }
        if (stream == STDOUT || stream == STDERR) {
          all.write(part, frames.position(), length);
          (stream == STDOUT ? stdout : stderr).write(part, frames.position(), length);
        }
        frames.position(frames.position() + length);
      }
    }
    return new Tail(
        last(all.toByteArray(), lines),
        last(stdout.toByteArray(), lines),
        last(stderr.toByteArray(), lines));
  }

  static void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
    Files.deleteIfExists(previous(file));
  }

  @Override
  public synchronized void close() throws IOException {
    channel.close();
  }

  /** The last lines of a text, at most 1 MiB; no lines asked for = all. */
  static byte[] last(byte[] text, int lines) {
    int end = text.length;
    int from = Math.max(0, end - MOST_TAIL);
    if (lines > 0) {
      int seen = 0;
      for (int i = end - 2; i >= from; i--) {
        if (text[i] == '\n' && ++seen == lines) {
          from = i + 1;
          break;
        }
      }
    }
    return java.util.Arrays.copyOfRange(text, from, end);
  }

  private static byte[] older(Path file) throws IOException {
    Path previous = previous(file);
    return Files.exists(previous) ? Files.readAllBytes(previous) : new byte[0];
  }

  /** The older one of the two files. */
  static Path previous(Path file) {
    return file.resolveSibling(file.getFileName() + ".1");
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /** Reads the heads of all records; what a crash cut in the middle is cut off. */
  private void recover() throws IOException {
    ByteBuffer head = ByteBuffer.allocate(HEAD);
    long at = 0;
    long end = channel.size();
    while (at + HEAD <= end) {
      head.clear();
      if (channel.read(head, at) < HEAD) {
        break;
      }
      head.flip();
      int length = head.getInt();
      int stream = head.get();
      long number = head.getLong();
      if (length < HEAD - 4 || length > MOST_FRAME || at + 4 + length > end) {
        break;
      }
      if (stream == MARK) {
        process = number;
        sequence = 0;
      } else {
        sequence = number;
      }
      at += 4 + (long) length;
    }
    channel.truncate(at);
    channel.position(at);
    size = at;
  }

  private void rotate(long unixMicros) throws IOException {
    channel.close();
    Files.move(file, previous(file), StandardCopyOption.REPLACE_EXISTING);
    channel = open(file);
    size = 0;
    long before = sequence;
    mark(process, unixMicros);
    sequence = before;
  }

  private void write(ByteBuffer bytes) throws IOException {
    size += bytes.remaining();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
