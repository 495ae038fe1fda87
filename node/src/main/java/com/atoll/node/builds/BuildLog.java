package com.atoll.node.builds;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What a build says: lines in a file of bounded size. */
final class BuildLog {
  private static final long MOST_BYTES = 8L << 20;

  private final Path file;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean full;
  private long moved;

  BuildLog(Path file) {
    this.file = file;
  }

  /** A line of the builder itself, which begins a line whatever a step left behind. */
  void say(String line) {
    lock.lock();
    try {
      append(((isMidLine() ? "\n" : "") + line + "\n").getBytes(StandardCharsets.UTF_8));
    } finally {
      lock.unlock();
    }
  }

  private boolean isMidLine() {
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      return in.size() > 0 && in.read(last, in.size() - 1) == 1 && last.get(0) != '\n';
    } catch (NoSuchFileException nothingSaid) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** Output of a step. */
  void append(byte[] bytes) {
    lock.lock();
    try {
      if (full) {
        return;
      }
      try (FileChannel out =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        if (out.size() + bytes.length > MOST_BYTES) {
          full = true;
          rest = ByteBuffer.wrap("\n(the log is full)\n".getBytes(StandardCharsets.UTF_8));
        }
        while (rest.hasRemaining()) {
          var _ = out.write(rest);
        }
      }
      changed.signalAll();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    } finally {
      lock.unlock();
    }
  }

  /** Bytes from an offset on, at most so many. */
  byte[] read(long offset, int most) {
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      long left = Math.max(0, in.size() - offset);
      ByteBuffer into = ByteBuffer.allocate((int) Math.min(left, most));
      int got = 1;
      while (into.hasRemaining() && got > 0) {
        got = in.read(into, offset + into.position());
      }
      byte[] bytes = new byte[into.position()];
      into.flip().get(bytes);
      return bytes;
    } catch (NoSuchFileException nothingSaid) {
      return new byte[0];
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** Waits until there is something after the offset, the build has moved on, or time is over. */
  void await(long offset, long waitMs) {
    lock.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(waitMs);
      long moves = moved;
      while (left > 0 && moves == moved && (!Files.exists(file) || Files.size(file) <= offset)) {
        left = changed.awaitNanos(left);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** Wakes whoever waits: the build has moved on. */
  void wake() {
    lock.lock();
    try {
      moved++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void delete() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + file, e);
    }
  }
}
