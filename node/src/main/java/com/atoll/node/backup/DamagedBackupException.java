package com.atoll.node.backup;

import java.io.IOException;

/** The file is no backup, not all of one, or was changed. */
final class DamagedBackupException extends IOException {
  private static final long serialVersionUID = 1;

  DamagedBackupException(String how) {
    super("this is no whole, unchanged backup: " + how);
  }
}
