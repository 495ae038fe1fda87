package com.atoll.cli.sandboxes;

import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * What was shown of a terminal. A cursor says that everything before it was sent; what came after
 * the last one comes again on the next connection, and is not shown twice.
 */
final class Screen {
  private final PrintStream output;
  private @Nullable String cursor;
  private long sinceCursor;
  private long again;

  Screen(PrintStream output) {
    this.output = output;
  }

  /** The last cursor, null when there was none. */
  synchronized @Nullable String cursor() {
    return cursor;
  }

  /** A new connection begins at the last cursor. */
  synchronized void rewind() {
    again = sinceCursor;
    sinceCursor = 0;
  }

  synchronized void show(byte[] bytes) {
    int skipped = (int) Math.min(again, bytes.length);
    again -= skipped;
    sinceCursor += bytes.length;
    output.write(bytes, skipped, bytes.length - skipped);
    output.flush();
  }

  /** Output was lost: what comes now need not be what was shown already. */
  synchronized void skipped() {
    again = 0;
  }

  synchronized void reached(String now) {
    cursor = now;
    sinceCursor = 0;
  }
}
