package com.atoll.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import org.junit.jupiter.api.Test;

/** Bodies that do not end where they should. */
final class BoundedInputTest {
  private static InputStream broken() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        throw new EOFException("Early EOF");
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        throw new EOFException("Early EOF");
      }
    };
  }

  @Test
  void oneThatBreaksOffIsAFaultOfWhoSendsIt() {
    InputStream begun = new ByteArrayInputStream(new byte[3]);
    BoundedInput body = new BoundedInput(new SequenceInputStream(begun, broken()), 10);
    AtollException refused = assertThrows(AtollException.class, body::readAllBytes);
    assertEquals(ErrorCode.INVALID_REQUEST, refused.code());
    assertThrows(AtollException.class, new BoundedInput(broken(), 10)::read);
  }

  @Test
  void oneThatGoesOnAfterItsLimitIsRefused() {
    BoundedInput body = new BoundedInput(new ByteArrayInputStream(new byte[11]), 10);
    AtollException refused = assertThrows(AtollException.class, body::readAllBytes);
    assertEquals(ErrorCode.TOO_LARGE, refused.code());
  }
}
