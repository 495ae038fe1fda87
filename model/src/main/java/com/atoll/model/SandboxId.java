package com.atoll.model;

/** The id of a sandbox. */
public record SandboxId(String value) implements Id {
  /** What every id of this kind begins with. */
  public static final String PREFIX = "sbx";

  /** A new id. */
  public static SandboxId next() {
    return new SandboxId(Ids.next(PREFIX));
  }

  @Override
  public String toString() {
    return value;
  }
}
