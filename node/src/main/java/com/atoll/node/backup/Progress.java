package com.atoll.node.backup;

import java.util.Locale;

/** Tells the person at the terminal how far it is, on stderr. */
final class Progress {
  private static final long PAUSE_NANOS = 3_000_000_000L;
  private static final double MEGABYTE = 1 << 20;

  private long began = System.nanoTime();
  private long told = began;

  /** Something of its own. */
  void say(String words) {
    System.err.println("  " + words);
    told = System.nanoTime();
  }

  /** A part begins. */
  void begin() {
    began = System.nanoTime();
  }

  /** A part is done. */
  void done(String name, long bytes) {
    say(
        String.format(
            Locale.ROOT,
            "%s: %.1f MiB (%.1f s)",
            name,
            bytes / MEGABYTE,
            (System.nanoTime() - began) / 1e9));
  }

  /** A tree begins; told now and then. */
  void tree(int number, int all) {
    if (System.nanoTime() - told > PAUSE_NANOS) {
      say("tree " + number + " of " + all);
    }
  }
}
