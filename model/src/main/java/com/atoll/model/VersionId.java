package com.atoll.model;

/** The id of a version of a deployment. */
public record VersionId(String value) implements Id {
  /** What every id of this kind begins with. */
  public static final String PREFIX = "ver";

  /** A new id. */
  public static VersionId next() {
    return new VersionId(Ids.next(PREFIX));
  }

  @Override
  public String toString() {
    return value;
  }
}
