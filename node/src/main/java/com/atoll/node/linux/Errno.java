package com.atoll.node.linux;

/** Reasons of the kernel that callers tell apart. */
public final class Errno {
  /** Operation not permitted. */
  public static final int EPERM = 1;

  /** No such file or directory. */
  public static final int ENOENT = 2;

  /** No such process. */
  public static final int ESRCH = 3;

  /** Interrupted. */
  public static final int EINTR = 4;

  /** No such device or address. */
  public static final int ENXIO = 6;

  /** Try again. */
  public static final int EAGAIN = 11;

  /** Permission denied. */
  public static final int EACCES = 13;

  /** Busy. */
  public static final int EBUSY = 16;

  /** Exists. */
  public static final int EEXIST = 17;

  /** No such device. */
  public static final int ENODEV = 19;

  /** Not a directory. */
  public static final int ENOTDIR = 20;

  /** Invalid argument. */
  public static final int EINVAL = 22;

  /** Not a request for this device. */
  public static final int ENOTTY = 25;

  /** No space left on device. */
  public static final int ENOSPC = 28;

  /** Read-only file system. */
  public static final int EROFS = 30;

  /** A name is too long. */
  public static final int ENAMETOOLONG = 36;

  /** Not empty. */
  public static final int ENOTEMPTY = 39;

  /** Symbolic link in the way. */
  public static final int ELOOP = 40;

  /** Not supported. */
  public static final int EOPNOTSUPP = 95;

  /** Quota exceeded. */
  public static final int EDQUOT = 122;

  private Errno() {}

  static String name(int errno) {
    return switch (errno) {
      case EPERM -> "operation not permitted";
      case ENOENT -> "no such file or directory";
      case ESRCH -> "no such process";
      case EINTR -> "interrupted";
      case ENXIO -> "no such device or address";
      case EAGAIN -> "try again";
      case EACCES -> "permission denied";
      case EBUSY -> "busy";
      case EEXIST -> "exists";
      case ENODEV -> "no such device";
      case ENOTDIR -> "not a directory";
      case EINVAL -> "invalid argument";
      case ENOTTY -> "not supported by this device or file system";
      case ENOSPC -> "no space left on device";
      case EROFS -> "read-only file system";
      case ENAMETOOLONG -> "name too long";
      case ELOOP -> "symbolic link in the way";
      case EOPNOTSUPP -> "not supported";
      case EDQUOT -> "disk quota exceeded";
      default -> "errno " + errno;
    };
  }
}
