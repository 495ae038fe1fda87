package com.atoll.server.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class MultipartTest {
  private static final String TYPE = "multipart/form-data; boundary=XX";

  @Property(tries = 200)
  void aFileComesOutAsItWentInHoweverItIsCut(
      @ForAll @Size(max = 3000) byte[] content, @ForAll @IntRange(min = 1, max = 700) int piece)
      throws IOException {
    // The boundary itself cannot be in the content, its beginning can.
    byte[] file = concat(content, "\r\n--X\r\n--".getBytes(StandardCharsets.ISO_8859_1));
    Multipart form = Multipart.of(TYPE, new Slow(body(file), piece));
    Multipart.Part path = form.next();
    assertNotNull(path);
    assertEquals("path", path.name());
    assertEquals("/workspace/ä", path.text());
    Multipart.Part part = form.next();
    assertNotNull(part);
    assertEquals("f.bin", part.fileName());
    assertArrayEquals(file, part.content().readAllBytes());
    assertNull(form.next());
  }

  @Test
  void aPartThatIsNotReadIsSkipped() throws IOException {
    Multipart form = Multipart.of(TYPE, new ByteArrayInputStream(body(new byte[500_000])));
    assertNotNull(form.next());
    assertNotNull(form.next());
    assertNull(form.next());
  }

  @Test
  void aBodyThatEndsEarlyIsMalformed() throws IOException {
    byte[] whole = body(new byte[5000]);
    Multipart form = Multipart.of(TYPE, new ByteArrayInputStream(whole, 0, whole.length - 40));
    assertNotNull(form.next());
    Multipart.Part part = form.next();
    assertNotNull(part);
    assertThrows(AtollException.class, () -> part.content().readAllBytes());
  }

  @Test
  void aTypeWithoutBoundaryIsMalformed() {
    assertThrows(
        AtollException.class,
        () -> Multipart.of("multipart/form-data", InputStream.nullInputStream()));
  }

  @Test
  void headersWithoutEndAreMalformed() {
    byte[] endless = ("--XX\r\n" + "a: b\r\n".repeat(5000)).getBytes(StandardCharsets.US_ASCII);
    Multipart form = Multipart.of(TYPE, new ByteArrayInputStream(endless));
    assertThrows(AtollException.class, form::next);
  }

  private static byte[] body(byte[] file) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        lines("--XX", "Content-Disposition: form-data; name=\"path\"", "", "/workspace/ä"));
    out.writeBytes(
        lines(
            "--XX",
            "Content-Disposition: form-data; name=\"file\"; filename=\"f.bin\"",
            "Content-Type: application/octet-stream",
            ""));
    out.writeBytes(file);
    out.writeBytes("\r\n--XX--\r\n".getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  private static byte[] lines(String... lines) {
    return (String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] concat(byte[] one, byte[] other) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(one);
    out.writeBytes(other);
    return out.toByteArray();
  }

  /** Hands out a few bytes at a time, as a network does. */
  private static final class Slow extends FilterInputStream {
    private final int piece;

    Slow(byte[] bytes, int piece) {
      super(new ByteArrayInputStream(bytes));
      this.piece = piece;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      return super.read(into, offset, Math.min(length, piece));
    }
  }
}
