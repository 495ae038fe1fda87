package com.atoll.model;

/** The id of a workspace. */
public record WorkspaceId(String value) implements Id {
  /** What every id of this kind begins with. */
  public static final String PREFIX = "wsp";

  /** A new id. */
  public static WorkspaceId next() {
    return new WorkspaceId(Ids.next(PREFIX));
  }

  @Override
  public String toString() {
    return value;
  }
}
