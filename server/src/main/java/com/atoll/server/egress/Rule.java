package com.atoll.server.egress;

import com.atoll.model.OrganizationId;
import java.time.OffsetDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One rule as it is stored.
 *
 * @param policyId the policy that it is part of; null when it holds whatever the policy is
 * @param host a name, {@code *.} and a name, {@code *}, or a range of addresses
 * @param methods the only ones it speaks of; empty for all
 * @param pathGlob the only paths it speaks of; null for all
 * @param ports the only ones it speaks of; empty for all
 * @param position its place in a list that is read from the top, before rules without one; null
 *     where the more specific comes first
 */
record Rule(
    String id,
    OrganizationId org,
    @Nullable String policyId,
    Bound bound,
    boolean allow,
    String host,
    List<String> methods,
    @Nullable String pathGlob,
    @Nullable String note,
    @Nullable String externalUserId,
    OffsetDateTime createdAt,
    List<Integer> ports,
    @Nullable Integer position) {

  /** Whether it speaks of every call. */
  boolean isForEverything() {
    return host.equals("*") && methods.isEmpty() && pathGlob == null && ports.isEmpty();
  }

  /** Whether it decides what another rule does, in the same place and whatever the policy is. */
  boolean saysTheSame(Rule other) {
    return Objects.equals(policyId, other.policyId)
        && allow == other.allow
        && host.equals(other.host)
        && methods.equals(other.methods)
        && Objects.equals(pathGlob, other.pathGlob)
        && ports.equals(other.ports)
        && Objects.equals(position, other.position);
  }

  /**
   * Ranges first, by their prefix, so that the denial of an address holds for every name that leads
   * there; then names, and patterns of names.
   */
  private int rank() {
    return AddressRange.isStored(host) ? 0 : host.startsWith("*") ? 2 : 1;
  }

  private int exactness() {
    return AddressRange.isStored(host) ? AddressRange.of("host", host).prefix() : host.length();
  }

  /** Whether it opens some calls of this host, and not others. */
  boolean opensPartOf(String called) {
    boolean speaks =
        host.startsWith("*") ? called.endsWith(host.substring(1)) : host.equals(called);
    return allow && speaks && (pathGlob != null || !methods.isEmpty());
  }

  /**
   * The order in which rules are asked: the more specific resource, host and request first, and of
   * two that say the same a denial.
   */
  static final Comparator<Rule> ORDER =
      Comparator.<Rule, Bound.Kind>comparing(rule -> rule.bound().kind())
          .thenComparing(Rule::position, Comparator.nullsLast(Comparator.naturalOrder()))
          .thenComparingInt(Rule::rank)
          .thenComparingInt(rule -> -rule.exactness())
          .thenComparing(rule -> rule.pathGlob() == null)
          .thenComparingInt(rule -> rule.pathGlob() == null ? 0 : -rule.pathGlob().length())
          .thenComparing(rule -> rule.methods().isEmpty())
          .thenComparing(Rule::allow)
          .thenComparing(Rule::id);
}
