package com.atoll.cli.sandboxes;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The beginning of an output, as much of it as the API keeps of one too. */
final class Kept {
  private static final int MOST = 1 << 20;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private boolean cut;

  /** Where the output goes. */
  PrintStream stream() {
    OutputStream all =
        new OutputStream() {
          @Override
          public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
          }

          @Override
          public void write(byte[] data, int from, int count) {
            int room = Math.min(count, MOST - bytes.size());
            bytes.write(data, from, room);
            cut |= room < count;
          }
        };
    return new PrintStream(all, false, StandardCharsets.UTF_8);
  }

  String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** Whether there was more. */
  boolean cut() {
    return cut;
  }
}
