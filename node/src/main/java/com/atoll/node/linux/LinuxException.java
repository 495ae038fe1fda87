package com.atoll.node.linux;

/** A system call that failed. */
public final class LinuxException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int errno;

  LinuxException(String call, int errno) {
    super(call + ": " + Errno.name(errno));
    this.errno = errno;
  }

  /** The kernel's number for the reason. */
  public int errno() {
    return errno;
  }

  /** Whether the kernel gave this reason. */
  public boolean is(int number) {
    return errno == number;
  }
}
