package com.atoll.model;

/** The id of a deployment. */
public record DeploymentId(String value) implements Id {
  /** What every id of this kind begins with. */
  public static final String PREFIX = "dep";

  /** A new id. */
  public static DeploymentId next() {
    return new DeploymentId(Ids.next(PREFIX));
  }

  @Override
  public String toString() {
    return value;
  }
}
