package com.atoll.model;

/** The id of an API key. */
public record KeyId(String value) implements Id {
  /** What every id of this kind begins with. */
  public static final String PREFIX = "key";

  /** A new id. */
  public static KeyId next() {
    return new KeyId(Ids.next(PREFIX));
  }

  @Override
  public String toString() {
    return value;
  }
}
