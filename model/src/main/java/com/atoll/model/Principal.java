package com.atoll.model;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who asks. The organization is the only boundary of what a request may see.
 *
 * @param org the organization that the credential belongs to
 * @param key the key behind the credential
 * @param role what the credential is trusted with
 * @param scopes the only scopes it has, or null for all of its role
 * @param requestsPerMinute how often it may ask, or 0 for the launcher's key, which is not limited
 * @param externalUser the end user that it acts as and is confined to, or null
 * @param delegation what a token narrows; null when the key itself asks
 * @param standing who stands behind the credential, and in which world it acts
 */
public record Principal(
    OrganizationId org,
    KeyId key,
    Role role,
    @Nullable Set<String> scopes,
    int requestsPerMinute,
    @Nullable String externalUser,
    @Nullable Delegation delegation,
    Standing standing) {

  /** A credential of the organization's own, which asks by itself. */
  public Principal(
      OrganizationId org,
      KeyId key,
      Role role,
      @Nullable Set<String> scopes,
      int requestsPerMinute,
      @Nullable String externalUser) {
    this(org, key, role, scopes, requestsPerMinute, externalUser, null, Standing.OWN);
  }

  /** The id of the credential that was shown: the token, or the key when there is none. */
  public String actor() {
    return delegation == null ? key.value() : delegation.token();
  }

  /** The only workspace that it reaches, or null. */
  public @Nullable String workspace() {
    return delegation == null || delegation.workspace() == null
        ? standing.workspace()
        : delegation.workspace();
  }

  /** The only sandboxes that it reaches, or null. */
  public @Nullable Set<String> sandboxes() {
    return delegation == null ? null : delegation.sandboxes();
  }

  /** Whether the credential may do what needs this scope. */
  public boolean allows(String scope) {
    if (scopes == null) {
      return true;
    }
    int colon = scope.indexOf(':');
    return scopes.contains(scope)
        || scopes.contains("*")
        || (colon > 0 && scopes.contains(scope.substring(0, colon) + ":*"));
  }

  /** Refuses what needs a scope that this credential lacks. */
  public void requireScope(String scope) {
    if (!allows(scope)) {
      throw AtollException.of(ErrorCode.INSUFFICIENT_SCOPE, scope);
    }
  }

  /** Refuses what needs a managing role. */
  public void requireManager(String what) {
    if (!role.manages()) {
      throw AtollException.of(ErrorCode.FORBIDDEN, what + " needs an admin key");
    }
  }

  /**
   * When something ends at the latest that this credential makes and that works by itself: a token
   * makes nothing that outlives it.
   */
  public Instant bounded(Instant asked) {
    return delegation == null || asked.isBefore(delegation.expiresAt())
        ? asked
        : delegation.expiresAt();
  }

  /** Whether the credential acts on test resources. */
  public boolean isTest() {
    return standing.test();
  }

  /**
   * Refuses what only an owner may: the person, with a credential that manages, or a managing key
   * behind which no person stands.
   */
  public void requireOwner(String what) {
    boolean owner = standing.user() == null || standing.member() == MemberRole.OWNER;
    if (!owner || !role.manages()) {
      throw AtollException.of(ErrorCode.FORBIDDEN, what + " needs the owner");
    }
  }
}
