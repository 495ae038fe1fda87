package com.atoll.node.guest;

/**
 * A file of the sandbox.
 *
 * @param mode permission bits
 * @param linkTarget of a symbolic link, else empty
 */
public record FileInfo(
    String path,
    Type type,
    long size,
    int mode,
    long modifiedUnixMs,
    int uid,
    int gid,
    String linkTarget) {

  /** What a file is. */
  public enum Type {
    /** A regular file. */
    FILE,
    /** A directory. */
    DIRECTORY,
    /** A symbolic link. */
    SYMLINK,
    /** A device, a FIFO or a socket: never opened. */
    SPECIAL
  }
}
