package com.atoll.platform;

/** The form of the embedded PostgreSQL's files: backups can only be restored under the same one. */
public final class DatabaseFormat {
  /** The major version. */
  public static final int MAJOR = 18;

  private DatabaseFormat() {}
}
