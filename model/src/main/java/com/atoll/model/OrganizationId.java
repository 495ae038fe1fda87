package com.atoll.model;

/** The id of an organization, which is also called tenant. */
public record OrganizationId(String value) implements Id {
  /** What every id of this kind begins with. */
  public static final String PREFIX = "ten";

  /** A new id. */
  public static OrganizationId next() {
    return new OrganizationId(Ids.next(PREFIX));
  }

  @Override
  public String toString() {
    return value;
  }
}
