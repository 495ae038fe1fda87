package com.atoll.server.e2b;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class EnvelopesTest {
  private static final int LONGEST = 1000;

  @Property(tries = 200)
  void messagesComeOutAsTheyWentInHoweverTheyAreCut(
      @ForAll @Size(max = 8) List<@Size(max = 900) byte[]> messages,
      @ForAll @IntRange(min = 1, max = 300) int piece)
      throws IOException {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    for (byte[] message : messages) {
      sent.write(Envelopes.message(message));
    }
    sent.write(Envelopes.end(new byte[] {'{', '}'}));
    Envelopes read = new Envelopes(new Slow(sent.toByteArray(), piece), LONGEST, size -> () -> {});
    for (byte[] message : messages) {
      assertArrayEquals(message, read.next());
    }
    assertNull(read.next());
    assertNull(read.next());
  }

  @Property(tries = 300)
  void nothingButAnErrorOrMessagesComesOutOfNoise(@ForAll @Size(max = 400) byte[] noise)
      throws IOException {
    Envelopes read = new Envelopes(new ByteArrayInputStream(noise), LONGEST, size -> () -> {});
    try {
      byte[] message = read.next();
      while (message != null) {
        assertEquals(true, message.length <= LONGEST);
        message = read.next();
      }
    } catch (AtollException refused) {
      assertEquals(true, refused.isExpected());
    }
  }

  @Test
  void aMessageThatIsTooLongIsRefusedBeforeItIsRead() {
    byte[] head = {0, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff};
    assertEquals(ErrorCode.TOO_LARGE, refusal(head));
    byte[] negative = {0, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff};
    assertEquals(ErrorCode.TOO_LARGE, refusal(negative));
  }

  @Test
  void whatIsCutOrCompressedIsRefused() {
    assertEquals(ErrorCode.INVALID_REQUEST, refusal(new byte[] {0, 0, 0}));
    assertEquals(ErrorCode.INVALID_REQUEST, refusal(new byte[] {0, 0, 0, 0, 3, 1}));
    assertEquals(ErrorCode.NOT_IMPLEMENTED, refusal(new byte[] {1, 0, 0, 0, 0}));
  }

  @Test
  void aStreamedCallHasOneMessage() throws IOException {
    byte[] one = Envelopes.message(new byte[] {1});
    assertArrayEquals(new byte[] {1}, envelopes(one).only());
    assertThrows(AtollException.class, () -> envelopes(new byte[0]).only());
    byte[] two = new byte[one.length * 2];
    System.arraycopy(one, 0, two, 0, one.length);
    System.arraycopy(one, 0, two, one.length, one.length);
    assertThrows(AtollException.class, () -> envelopes(two).only());
  }

  private static Envelopes envelopes(byte[] bytes) {
    return new Envelopes(new ByteArrayInputStream(bytes), LONGEST, size -> () -> {});
  }

  private static ErrorCode refusal(byte[] bytes) {
    return assertThrows(AtollException.class, () -> envelopes(bytes).next()).code();
  }

  /** Gives at most so many bytes at a time. */
  private static final class Slow extends InputStream {
    private final ByteArrayInputStream in;
    private final int piece;

    Slow(byte[] bytes, int piece) {
      in = new ByteArrayInputStream(bytes);
      this.piece = piece;
    }

    @Override
    public int read() {
      return in.read();
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      return in.read(into, offset, Math.min(length, piece));
    }
  }
}
