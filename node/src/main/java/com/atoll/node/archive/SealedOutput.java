package com.atoll.node.archive;

import java.io.IOException;
import java.io.OutputStream;

/** Seals what is written to it, segment by segment. Without {@link #finish} it never opens. */
final class SealedOutput extends OutputStream {
  private final OutputStream to;
  private final StreamKey key;
  private final byte[] plain = new byte[StreamKey.SEGMENT];
  private int filled;
  private long written;

  SealedOutput(OutputStream to, StreamKey key) throws IOException {
    this.to = to;
    this.key = key;
    put(key.header());
  }

  /** Bytes that went out. */
  long written() {
    return written;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      if (filled == plain.length) {
        put(key.seal(plain, filled, false)); // Only now is it known not to be the last one.
        filled = 0;
      }
      int n = Math.min(length - done, plain.length - filled);
      System.arraycopy(bytes, offset + done, plain, filled, n);
      filled += n;
      done += n;
    }
  }

  /** Writes the last segment, whose seal says that it is the last. */
  void finish() throws IOException {
    put(key.seal(plain, filled, true));
    to.flush();
  }

  private void put(byte[] bytes) throws IOException {
    to.write(bytes);
    written += bytes.length;
  }
}
