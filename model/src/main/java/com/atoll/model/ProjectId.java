package com.atoll.model;

/** The id of a project. */
public record ProjectId(String value) implements Id {
  /** What every id of this kind begins with. */
  public static final String PREFIX = "prj";

  /** A new id. */
  public static ProjectId next() {
    return new ProjectId(Ids.next(PREFIX));
  }

  @Override
  public String toString() {
    return value;
  }
}
