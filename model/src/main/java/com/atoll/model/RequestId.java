package com.atoll.model;

/** The id of one request to the API. */
public record RequestId(String value) implements Id {
  /** What every id of this kind begins with. */
  public static final String PREFIX = "req";

  /** A new id. */
  public static RequestId next() {
    return new RequestId(Ids.next(PREFIX));
  }

  @Override
  public String toString() {
    return value;
  }
}
