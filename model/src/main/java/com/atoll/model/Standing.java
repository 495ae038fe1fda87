package com.atoll.model;

import org.jspecify.annotations.Nullable;

/**
 * Who stands behind a credential, and in which world it acts.
 *
 * @param user the account of the person behind it, or null when it is the organization's own
 * @param member the present role of that person, or null without one
 * @param test whether the credential acts on test resources, which live ones never meet
 * @param limits the limits of requests that its organization has set
 * @param workspace the only workspace that the credential reaches, or null for all
 */
public record Standing(
    @Nullable String user,
    @Nullable MemberRole member,
    boolean test,
    RateLimits limits,
    @Nullable String workspace) {

  /** One that reaches every workspace. */
  public Standing(
      @Nullable String user, @Nullable MemberRole member, boolean test, RateLimits limits) {
    this(user, member, test, limits, null);
  }

  /** The organization's own credential, with the usual limits. */
  public static final Standing OWN = new Standing(null, null, false, RateLimits.USUAL);

  /** Whether it may read but change nothing. */
  public boolean readOnly() {
    return member == MemberRole.VIEWER;
  }

  /**
   * Limits of requests in a minute that an organization has set for itself.
   *
   * @param workspace for all requests of a workspace
   * @param group for the requests of a credential to one group of operations; null for the usual
   *     ones, which never are below what the credential itself may
   */
  public record RateLimits(int workspace, @Nullable Integer group) {
    /** 600 for a workspace. */
    public static final RateLimits USUAL = new RateLimits(600, null);
  }
}
