package com.atoll.node.archive;

import java.io.IOException;

/** Something in the archive is not what was put there: cut, changed, mixed up or of another key. */
final class DamagedArchiveException extends IOException {
  private static final long serialVersionUID = 1L;

  DamagedArchiveException(String message) {
    super(message);
  }
}
