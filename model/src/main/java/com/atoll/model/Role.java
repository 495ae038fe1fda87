package com.atoll.model;

import java.util.Locale;

/** What a credential is trusted with, weakest first. */
public enum Role {
  /** Works with resources. */
  USER("msk_u_"),
  /** Also manages the organization and its keys. */
  ADMIN("msk_a_"),
  /** Acts for a program that serves many end users. */
  PLATFORM("msk_p_");

  private final String keyPrefix;

  Role(String keyPrefix) {
    this.keyPrefix = keyPrefix;
  }

  /** What a new key of this role begins with. */
  public String keyPrefix() {
    return keyPrefix;
  }

  /** Whether this role manages the organization. */
  public boolean manages() {
    return this != USER;
  }

  /** The role as it travels and is stored. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The role that is written so. */
  public static Role of(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }
}
