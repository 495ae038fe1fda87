package com.atoll.server.routes;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Bounded lines of a stream. */
final class FeedLines {
  private FeedLines() {}

  /** The next line without its end; null when the stream ended. */
  static byte @Nullable [] next(InputStream in, int longest) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    int next = in.read();
    while (next != '\n') {
      if (next < 0) {
        return null;
      }
      if (line.size() == longest) {
        throw new IOException("A line of the feed is longer than " + longest + " bytes.");
      }
      line.write(next);
      next = in.read();
    }
    return line.toByteArray();
  }
}
