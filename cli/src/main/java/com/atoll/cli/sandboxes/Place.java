package com.atoll.cli.sandboxes;

import java.nio.file.Path;

/** One side of a copy: here, or in a sandbox. */
sealed interface Place {
  /**
   * A path on this machine.
   *
   * @param path it
   */
  record Local(Path path) implements Place {}

  /**
   * A path in a sandbox.
   *
   * @param sandbox its id or slug
   * @param path absolute, or below /workspace
   */
  record Remote(String sandbox, String path) implements Place {}

  /** {@code sandbox:path} is remote; a colon behind a slash belongs to a local name. */
  static Place parse(String text) {
    int colon = text.indexOf(':');
    int slash = text.indexOf('/');
    if (colon <= 0 || (slash >= 0 && slash < colon)) {
      return new Local(Path.of(text));
    }
    String path = text.substring(colon + 1);
    return new Remote(text.substring(0, colon), path.startsWith("/") ? path : "/workspace/" + path);
  }
}
