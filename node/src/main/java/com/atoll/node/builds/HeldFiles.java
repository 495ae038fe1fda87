package com.atoll.node.builds;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.Map;

/**
 * Archives that a build copies from, each as it was when the build first asked for it: others may
 * come under their names while it runs, and its steps are known by what was in these.
 */
final class HeldFiles implements AutoCloseable {
  private final Uploads uploads;
  private final String scope;
  private final Map<String, Uploads.Held> held = new HashMap<>();

  HeldFiles(Uploads uploads, String scope) {
    this.uploads = uploads;
    this.scope = scope;
  }

  /** What is in an archive. */
  String digest(String name) {
    return hold(name).digest();
  }

  /** Its bytes, from their beginning. */
  FileChannel open(String name) throws IOException {
    return hold(name).bytes().position(0);
  }

  private Uploads.Held hold(String name) {
    return held.computeIfAbsent(name, key -> uploads.hold(scope, key));
  }

  @Override
  public void close() {
    for (Uploads.Held one : held.values()) {
      try {
        one.bytes().close();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot give files back", e);
      }
    }
  }
}
