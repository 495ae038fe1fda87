package com.atoll.node.guest;

import java.util.Map;

/**
 * A file of the sandbox.
 *
 * @param mode permission bits
 * @param linkTarget of a symbolic link, else empty
 * @param attributes what it was given beside its content, where that was asked for
 * @param version of a regular file: another one once its content is; empty where none was told
 */
public record FileInfo(
    String path,
    Type type,
    long size,
    int mode,
    long modifiedUnixMs,
    int uid,
    int gid,
    String linkTarget,
    Map<String, String> attributes,
    String version) {

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
