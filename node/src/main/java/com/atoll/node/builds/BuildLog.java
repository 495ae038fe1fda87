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
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a build says: lines in a file of bounded size. Of one that says too much the beginning is
 * kept, and its end, which tells why it failed: that is written once it is over, for whoever reads
 * the file goes on where it was.
 */
final class BuildLog {
  /** Of the beginning; with the end and what is said around it no more than 8 MiB. */
  static final int BEGINNING = (7 << 20) - (64 << 10);

  static final int END = 1 << 20;

  private final Path file;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** The latest of what came behind the beginning, around and around. */
  private byte @Nullable [] latest;

  /** How much came behind the beginning. */
  private long behind;

  private boolean ended;
  private long moved;

  BuildLog(Path file) {
    this.file = file;
  }

  /** A line of the builder itself, which begins a line whatever a step left behind. */
  void say(String line) {
    lock.lock();
    try {
      byte[] bytes = ((isMidLine() ? "\n" : "") + line + "\n").getBytes(StandardCharsets.UTF_8);
      if (ended) {
        write(bytes);
      } else {
        append(bytes);
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isMidLine() {
    if (latest != null) {
      return latest[(int) ((behind - 1) % END)] != '\n';
    }
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
      if (ended || bytes.length == 0) {
        return;
      }
      if (latest != null || size() + bytes.length > BEGINNING) {
        hold(bytes);
      } else {
        write(bytes);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Nothing but lines of the builder comes any more: writes the end that was held back. */
  void end() {
    lock.lock();
    try {
      ended = true;
      byte[] ring = latest;
      if (ring == null) {
        return;
      }
      latest = null;
      int at = (int) (behind % END);
      if (behind > END) {
        String gap = "\n(" + (behind - END) + " bytes are left out)\n";
        write(gap.getBytes(StandardCharsets.UTF_8));
        write(Arrays.copyOfRange(ring, at, END));
      }
      write(Arrays.copyOfRange(ring, 0, behind == END ? END : at));
    } finally {
      lock.unlock();
    }
  }

  private void hold(byte[] bytes) {
    byte[] ring = latest == null ? new byte[END] : latest;
    latest = ring;
    int from = Math.max(0, bytes.length - END);
    behind += from;
    while (from < bytes.length) {
      int at = (int) (behind % END);
      int count = Math.min(bytes.length - from, END - at);
      System.arraycopy(bytes, from, ring, at, count);
      from += count;
      behind += count;
    }
  }

  private long size() {
    try {
      return Files.size(file);
    } catch (NoSuchFileException nothingSaid) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private void write(byte[] bytes) {
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        var _ = out.write(rest);
      }
      changed.signalAll();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
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
