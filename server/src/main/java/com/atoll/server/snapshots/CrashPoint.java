package com.atoll.server.snapshots;

import com.atoll.platform.CrashPoints;

/** The places of taking and deleting a snapshot where a test may end the server. */
public enum CrashPoint {
  /** The row is committed; the node has not been asked. */
  TAKE_AFTER_ROW("server.snapshot.after-row"),
  /** The node has it; the row still says creating. */
  TAKE_AFTER_TAKE("server.snapshot.after-take"),
  /** The row says ready; nobody was answered. */
  TAKE_AFTER_READY("server.snapshot.after-ready"),
  /** The row says deleted; the node still has it. */
  DELETE_AFTER_MARK("server.snapshot.after-delete-mark"),
  /** The node has dropped it; the row is still there. */
  DELETE_AFTER_DROP("server.snapshot.after-delete-drop"),
  /** The row says that it is to be archived; the node has not been asked. */
  ARCHIVE_AFTER_ROW("server.archive.after-row"),
  /** It is in the archive; the row says uploading. */
  ARCHIVE_AFTER_UPLOAD("server.archive.after-upload"),
  /** The row says that its files are not on the node; they are. */
  EVICT_AFTER_ROW("server.archive.after-evict-row"),
  /** It is on the node again; the row says restoring. */
  RESTORE_AFTER_ARRIVAL("server.archive.after-restore"),
  /** The row of an import says creating; the node has not been asked. */
  IMPORT_AFTER_ROW("server.import.after-row"),
  /** It is on the node; the row still says creating. */
  IMPORT_AFTER_ARRIVAL("server.import.after-arrival");

  private final String wire;

  CrashPoint(String wire) {
    this.wire = wire;
  }

  /** The name in the crash file. */
  public String wire() {
    return wire;
  }

  void reach() {
    CrashPoints.reach(wire);
  }
}
