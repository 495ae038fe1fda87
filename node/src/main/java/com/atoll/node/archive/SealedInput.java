package com.atoll.node.archive;

import java.io.IOException;
import java.io.InputStream;

/**
 * What {@link SealedOutput} sealed. No byte comes out before the segment that it is in was proven;
 * the end only comes once the last segment was.
 */
final class SealedInput extends InputStream {
  private static final int SEALED = StreamKey.SEGMENT + StreamKey.TAG;

  private final InputStream from;
  private final StreamKey key;
  private final byte[] sealed = new byte[SEALED + 1];
  private byte[] plain = new byte[0];
  private int position;
  private boolean carries;
  private boolean ended;

  SealedInput(InputStream from, byte[] secret, String purpose) throws IOException {
    this.from = from;
    this.key = StreamKey.of(secret, from.readNBytes(StreamKey.HEADER), purpose);
  }

  /** What tells this stream from every other one. */
  byte[] salt() {
    return key.salt();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (position == plain.length) {
      if (ended) {
        return -1;
      }
      fill();
    }
    int n = Math.min(length, plain.length - position);
    System.arraycopy(plain, position, bytes, offset, n);
    position += n;
    return n;
  }

  private void fill() throws IOException {
    if (carries) {
      sealed[0] = sealed[SEALED];
    }
    int have = carries ? 1 : 0;
    have += from.readNBytes(sealed, have, SEALED + 1 - have);
    carries = have > SEALED; // One byte more than a segment: another one follows.
    if (have < StreamKey.TAG) {
      throw new DamagedArchiveException("the object was cut");
    }
    plain = key.open(sealed, carries ? SEALED : have, !carries);
    position = 0;
    ended = !carries;
  }

  @Override
  public void close() throws IOException {
    from.close();
  }
}
