package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Refuses a body that goes on after its limit, and one that ends early: whoever sent it has gone.
 */
final class BoundedInput extends FilterInputStream {
  private final long limit;
  private long left;

  BoundedInput(InputStream in, long limit) {
    super(in);
    this.limit = limit;
    left = limit;
  }

  @Override
  public int read() {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) {
    int n = received(into, offset, length);
    if (n > 0) {
      left -= n;
      if (left < 0) {
        throw AtollException.of(ErrorCode.TOO_LARGE, limit);
      }
    }
    return n;
  }

  private int received(byte[] into, int offset, int length) {
    try {
      return super.read(into, offset, length);
    } catch (IOException e) {
      throw Exchange.endedEarly(e);
    }
  }

  /**
   * Leaves the rest of the body to the exchange: ending it here would break the connection off
   * before a refusal was read.
   */
  @Override
  public void close() {}

  @Override
  public boolean markSupported() {
    return false;
  }
}
