package com.atoll.node.runtime;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.faults.NodeFault.Kind;
import com.atoll.node.guest.GuestException;

/** What a refusal of the guest means to a caller of the node. */
public final class GuestFaults {
  private GuestFaults() {}

  /** The fault for a refusal. */
  public static NodeFault of(GuestException refusal) {
    String message = String.valueOf(refusal.getMessage());
    Kind kind =
        switch (refusal.code()) {
          case "PATH_NOT_FOUND", "PROCESS_NOT_FOUND", "USER_NOT_FOUND" -> Kind.NOT_FOUND;
          case "ALREADY_EXISTS" -> Kind.EXISTS;
          case "DISK_FULL", "PROCESS_LIMIT" -> Kind.EXHAUSTED;
          case "INVALID_PATH", "INVALID_REQUEST" -> Kind.INVALID;
          case GuestException.UNREACHABLE, GuestException.DEADLINE, GuestException.CROWDED ->
              Kind.UNAVAILABLE;
          default -> Kind.PRECONDITION;
        };
    return NodeFault.of(kind, refusal.code(), message);
  }
}
