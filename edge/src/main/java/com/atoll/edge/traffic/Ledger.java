package com.atoll.edge.traffic;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All counters: those of this process, and what earlier ones have left. */
final class Ledger {
  private static final Logger log = LoggerFactory.getLogger(Ledger.class);
  private static final String ENDING = ".traffic";

  private final Path folder;
  private final List<Counters> old = new CopyOnWriteArrayList<>();
  private volatile Counters current;

  /** Takes over what lies in the folder. */
  Ledger(Path folder) {
    this.folder = folder;
    try {
      Files.createDirectories(folder);
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + ENDING)) {
        for (Path file : files) {
          takeOver(file);
        }
      }
    } catch (IOException unreadable) {
      log.warn("bytes that were counted before are not read", unreadable);
    }
    current = fresh();
  }

  private void takeOver(Path file) throws IOException {
    String name = file.getFileName().toString();
    Counters left = Counters.left(name.substring(0, name.length() - ENDING.length()), file);
    if (left == null) {
      Files.delete(file);
    } else {
      old.add(left);
    }
  }

  static String fresh(int longs) {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < longs; i++) {
      name.append(HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()));
    }
    return name.toString();
  }

  private Counters fresh() {
    String name = fresh(2);
    try {
      return Counters.create(name, folder.resolve(name + ENDING));
    } catch (IOException failed) {
      log.warn("bytes are counted in memory only", failed);
    }
    try {
      return Counters.create(name, null);
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The counter of a deployment or sandbox; whoever gets it closes it. */
  Counters.@Nullable Slot open(String id) {
    Counters.Slot slot = current.open(id);
    return slot == null ? next(id) : slot;
  }

  private synchronized Counters.@Nullable Slot next(String id) {
    Counters.Slot slot = current.open(id);
    if (slot == null) {
      current.retire();
      old.add(current);
      current = fresh();
      slot = current.open(id);
    }
    return slot;
  }

  /** Counters and what the server does not know of them. */
  record Page(Counters counters, List<Counters.Total> totals) {}

  /** The next that the server should hear of; null when it knows everything. */
  @Nullable Page untold(int most) {
    for (Counters one : old) {
      boolean over = one.isOver();
      List<Counters.Total> totals = one.untold(most);
      if (!totals.isEmpty()) {
        return new Page(one, totals);
      }
      if (over) {
        forget(one);
      }
    }
    List<Counters.Total> totals = current.untold(most);
    return totals.isEmpty() ? null : new Page(current, totals);
  }

  private void forget(Counters told) {
    try {
      told.delete();
      old.remove(told);
    } catch (IOException failed) {
      log.warn("bytes that the server knows are not forgotten", failed);
    }
  }
}
