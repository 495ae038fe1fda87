package com.atoll.model;

import java.util.Locale;

/** What a person may do in an organization or a workspace, weakest first. */
public enum MemberRole {
  /** Reads everything, changes nothing. */
  VIEWER,
  /** Works with resources. */
  MEMBER,
  /** Also manages members, keys and settings. */
  ADMIN,
  /** Also gives the organization away. */
  OWNER;

  /** The role as it travels and is stored: owner, admin, member or viewer. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The role that is written so. */
  public static MemberRole of(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }

  /** What a credential of a person with this role is trusted with. */
  public Role role() {
    return this == ADMIN || this == OWNER ? Role.ADMIN : Role.USER;
  }

  /** Whether this role may do at least what the other may. */
  public boolean atLeast(MemberRole other) {
    return compareTo(other) >= 0;
  }
}
