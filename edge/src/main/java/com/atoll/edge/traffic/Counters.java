package com.atoll.edge.traffic;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Bytes by deployment and sandbox, in a mapped file: what was counted is there when the process has
 * been killed. Beside each count stands how much of it the server has.
 */
final class Counters {
  static final int SLOTS = 16_384;
  private static final long MAGIC = 0x41746f6c6c547266L;
  private static final int HEAD = 64;
  private static final int LONGEST_ID = 63;
  private static final int RECEIVED = 64;
  private static final int SENT = 72;
  private static final int RECEIVED_KNOWN = 80;
  private static final int SENT_KNOWN = 88;
  private static final int SLOT = 96;
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

  private final String name;
  private final @Nullable Path file;
  private final MemorySegment memory;
  private final Map<String, Slot> slots = new ConcurrentHashMap<>();
  private final AtomicInteger open = new AtomicInteger();
  private volatile boolean retired;

  private Counters(String name, @Nullable Path file, MemorySegment memory) {
    this.name = name;
    this.file = file;
    this.memory = memory;
  }

  /** New ones. Without a file they end with the process. */
  static Counters create(String name, @Nullable Path file) throws IOException {
    long size = HEAD + (long) SLOTS * SLOT;
    Counters counters =
        new Counters(name, file, file == null ? Arena.ofAuto().allocate(size, 8) : map(file, size));
    LONG.setVolatile(counters.memory, 0L, MAGIC);
    return counters;
  }

  /** Those that a process has left; null when the file is none of ours. */
  static @Nullable Counters left(String name, Path file) throws IOException {
    if (Files.size(file) != HEAD + (long) SLOTS * SLOT) {
      return null;
    }
    Counters counters = new Counters(name, file, map(file, Files.size(file)));
    if ((long) LONG.getVolatile(counters.memory, 0L) != MAGIC) {
      return null;
    }
    counters.retired = true;
    for (int i = 0; i < SLOTS; i++) {
      long at = HEAD + (long) i * SLOT;
      int length = counters.memory.get(ValueLayout.JAVA_BYTE, at);
      if (length <= 0 || length > LONGEST_ID) {
        break;
      }
      byte[] id = new byte[length];
      MemorySegment.copy(counters.memory, ValueLayout.JAVA_BYTE, at + 1, id, 0, length);
      String key = new String(id, StandardCharsets.US_ASCII);
      counters.slots.put(key, counters.new Slot(key, at));
    }
    return counters;
  }

  private static MemorySegment map(Path file, long size) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel.map(FileChannel.MapMode.READ_WRITE, 0, size, Arena.ofAuto());
    }
  }

  /** The counter of one deployment or sandbox. */
  final class Slot implements AutoCloseable {
    private final String id;
    private final long at;

    private Slot(String id, long at) {
      this.id = id;
      this.at = at;
    }

    void received(long bytes) {
      add(RECEIVED, bytes);
    }

    void sent(long bytes) {
      add(SENT, bytes);
    }

    private void add(int field, long bytes) {
      long _ = (long) LONG.getAndAdd(memory, at + field, bytes);
    }

    private long get(int field) {
      return (long) LONG.getVolatile(memory, at + field);
    }

    /** Its user needs it no more. */
    @Override
    public void close() {
      open.decrementAndGet();
    }
  }

  /** What a counter has come to, and how much of that the server had. */
  record Total(String id, long received, long sent, long receivedKnown, long sentKnown) {}

  String name() {
    return name;
  }

  /** The counter for one request, which closes it; null when these are full or retired. */
  @Nullable Slot open(String id) {
    open.incrementAndGet();
    Slot slot = retired ? null : slots.get(id);
    if (slot == null && !retired) {
      slot = add(id);
    }
    if (slot == null) {
      open.decrementAndGet();
    }
    return slot;
  }

  private synchronized @Nullable Slot add(String id) {
    Slot known = slots.get(id);
    if (known != null || slots.size() == SLOTS || id.length() > LONGEST_ID) {
      return known;
    }
    long at = HEAD + (long) slots.size() * SLOT;
    byte[] bytes = id.getBytes(StandardCharsets.US_ASCII);
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, at + 1, bytes.length);
    VarHandle.releaseFence();
    memory.set(ValueLayout.JAVA_BYTE, at, (byte) bytes.length);
    Slot slot = new Slot(id, at);
    slots.put(id, slot);
    return slot;
  }

  /** Nobody opens a counter here any more. */
  void retire() {
    retired = true;
  }

  boolean isOver() {
    return retired && open.get() == 0;
  }

  /** Counters that the server does not know fully. */
  List<Total> untold(int most) {
    List<Total> totals = new ArrayList<>();
    for (Slot slot : slots.values()) {
      Total total =
          new Total(
              slot.id,
              slot.get(RECEIVED),
              slot.get(SENT),
              slot.get(RECEIVED_KNOWN),
              slot.get(SENT_KNOWN));
      if (total.received() != total.receivedKnown() || total.sent() != total.sentKnown()) {
        totals.add(total);
        if (totals.size() == most) {
          break;
        }
      }
    }
    return totals;
  }

  /** The server has these. */
  void told(List<Total> totals) {
    for (Total total : totals) {
      Slot slot = slots.get(total.id());
      if (slot != null) {
        LONG.setVolatile(memory, slot.at + RECEIVED_KNOWN, total.received());
        LONG.setVolatile(memory, slot.at + SENT_KNOWN, total.sent());
      }
    }
  }

  /** Everything is told: the file is no longer needed. */
  void delete() throws IOException {
    if (file != null) {
      Files.deleteIfExists(file);
    }
  }
}
