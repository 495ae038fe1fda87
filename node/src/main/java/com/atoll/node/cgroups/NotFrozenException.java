package com.atoll.node.cgroups;

/**
 * The processes of a group did not stand still in time: one of them waits in the kernel for what
 * does not come. They go on.
 */
public final class NotFrozenException extends CgroupException {
  private static final long serialVersionUID = 1L;

  NotFrozenException(String id) {
    super("the processes of " + id + " do not stand still");
  }
}
