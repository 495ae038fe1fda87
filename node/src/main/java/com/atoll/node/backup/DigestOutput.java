package com.atoll.node.backup;

import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;

/** Passes bytes on and knows their digest. */
final class DigestOutput extends OutputStream {
  private final OutputStream to;
  private final MessageDigest digest = Digests.sha256();

  DigestOutput(OutputStream to) {
    this.to = to;
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    digest.update(from, offset, length);
    to.write(from, offset, length);
  }

  @Override
  public void flush() throws IOException {
    to.flush();
  }

  /** Of everything so far. */
  byte[] digest() {
    try {
      return ((MessageDigest) digest.clone()).digest();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }
}
