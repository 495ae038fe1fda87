package com.atoll.server.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Sends bytes of a machine to a client. */
public final class Downloads {
  private static final int BUFFER = 256 << 10;

  private Downloads() {}

  /**
   * Copies; a stream that ends early ends the answer abnormally, so that nobody takes it as whole.
   */
  public static void copy(InputStream in, OutputStream out, long expected) {
    try {
      copyAll(in, out, expected);
    } catch (IOException broken) {
      // Either side has gone: there is nobody to tell more than the early end says.
      throw new UncheckedIOException(broken);
    }
  }

  private static void copyAll(InputStream in, OutputStream out, long expected) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long copied = 0;
    int count = in.read(buffer);
    while (count >= 0) {
      out.write(buffer, 0, count);
      copied += count;
      count = in.read(buffer);
    }
    if (expected >= 0 && copied != expected) {
      throw new IOException("The file ended after %d of %d bytes.".formatted(copied, expected));
    }
    out.close();
  }

  /** The Content-Disposition of a file of this name; {@code asked} is attachment or inline. */
  public static String disposition(@Nullable String asked, String name) {
    String kind = "inline".equals(asked) ? "inline" : "attachment";
    StringBuilder plain = new StringBuilder();
    StringBuilder encoded = new StringBuilder();
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean simple =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '.'
              || c == '-'
              || c == '_';
      plain.append(simple || c == ' ' ? c : '_');
      encoded.append(simple ? String.valueOf(c) : "%%%02X".formatted((int) c));
    }
    return kind + "; filename=\"" + plain + "\"; filename*=UTF-8''" + encoded;
  }
}
