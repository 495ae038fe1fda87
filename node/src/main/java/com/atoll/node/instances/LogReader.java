package com.atoll.node.instances;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log of an instance from where a reader stopped. A place in it is the time of the first
 * frame of a file and an offset: it stays true when the file becomes the older one of the two.
 */
final class LogReader {
  private static final Pattern PLACE = Pattern.compile("(-?[0-9]{1,19})\\.([0-9]{1,12})");

  private LogReader() {}

  /** What one of the streams wrote at a time. */
  @SuppressWarnings("ArrayRecordComponent")
  record Entry(int stream, long unixMicros, byte[] bytes) {}

  /**
   * A part of the log.
   *
   * @param cursor where the next part begins; empty while nothing was written
   * @param gap whether something before it is no longer kept
   */
  record Part(List<Entry> entries, String cursor, boolean gap) {}

  private record Place(long generation, long offset) {}

  /**
   * What comes after a place, about so many bytes of it.
   *
   * @param cursor a place that was handed out before; empty for the beginning of what is kept
   */
  static Part read(Path file, String cursor, long most) throws IOException {
    // The file may become the older one between two looks: then they are the same, and it is again.
    for (int attempt = 0; attempt < 3; attempt++) {
      try (FileChannel older = open(InstanceLog.previous(file));
          FileChannel newer = open(file)) {
        if (older == null || newer == null || generation(older) != generation(newer)) {
          return read(older, newer, place(cursor), most);
        }
      }
    }
    return new Part(List.of(), cursor, false);
  }

  private static Part read(
      @Nullable FileChannel older, @Nullable FileChannel newer, @Nullable Place from, long most)
      throws IOException {
    long first = older == null ? -1 : generation(older);
    long second = newer == null ? -1 : generation(newer);
    boolean inOlder = from != null && older != null && from.generation() == first;
    boolean inNewer = from != null && newer != null && from.generation() == second;
    boolean gap = from != null && !inOlder && !inNewer;
    List<Entry> entries = new ArrayList<>();
    String cursor = from == null ? "" : from.generation() + "." + from.offset();
    long left = most;
    if (older != null && first >= 0 && !inNewer) {
      long start = inOlder && from != null ? from.offset() : 0;
      long end = frames(older, start, left, entries);
      left -= end - start;
      cursor = first + "." + end;
      if (left <= 0) {
        return new Part(entries, cursor, gap);
      }
    }
    if (newer != null && second >= 0) {
      long end = frames(newer, inNewer && from != null ? from.offset() : 0, left, entries);
      cursor = second + "." + end;
    }
    return new Part(entries, cursor, gap);
  }

  /** Adds whole frames until so many bytes are read; answers where it stopped. */
  private static long frames(FileChannel channel, long start, long most, List<Entry> entries)
      throws IOException {
    ByteBuffer head = ByteBuffer.allocate(InstanceLog.HEAD);
    long at = start;
    while (at - start < most && fill(channel, head, at)) {
      int length = head.getInt() - (InstanceLog.HEAD - 4);
      int stream = head.get();
      head.getLong();
      long micros = head.getLong();
      if (length < 0 || length > InstanceLog.MOST_FRAME) {
        break;
      }
      ByteBuffer bytes = ByteBuffer.allocate(length);
      if (!fill(channel, bytes, at + InstanceLog.HEAD)) {
        break;
      }
      if (stream == InstanceLog.STDOUT || stream == InstanceLog.STDERR) {
        entries.add(new Entry(stream, micros, bytes.array()));
      }
      at += InstanceLog.HEAD + (long) length;
    }
    return at;
  }

  /** The time of the first frame; less than zero when there is none yet. */
  private static long generation(FileChannel channel) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(InstanceLog.HEAD);
    return fill(channel, head, 0) ? head.getLong(InstanceLog.HEAD - Long.BYTES) : -1;
  }

  private static boolean fill(FileChannel channel, ByteBuffer buffer, long from)
      throws IOException {
    buffer.clear();
    long at = from;
    while (buffer.hasRemaining()) {
      int n = channel.read(buffer, at);
      if (n < 0) {
        return false;
      }
      at += n;
    }
    buffer.flip();
    return true;
  }

  private static @Nullable FileChannel open(Path file) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    try {
      return FileChannel.open(file, StandardOpenOption.READ);
    } catch (NoSuchFileException moved) {
      return null;
    }
  }

  private static @Nullable Place place(String cursor) {
    Matcher found = PLACE.matcher(cursor);
    return found.matches()
        ? new Place(Long.parseLong(found.group(1)), Long.parseLong(found.group(2)))
        : null;
  }
}
