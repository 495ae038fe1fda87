package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.model.CarrierHeader;
import com.atoll.model.OrganizationId;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A secret as it is stored, without its value.
 *
 * @param masked what of the value may be shown
 * @param hosts where the egress proxy puts it into requests, over TLS unless the host begins with
 *     {@code http://}
 * @param header the header that carries it; null for that of its type
 */
record Secret(
    String id,
    OrganizationId org,
    String name,
    String type,
    String scope,
    @Nullable String provider,
    String masked,
    List<String> hosts,
    @Nullable String header,
    Owner owner,
    Map<String, Object> metadata,
    @Nullable OffsetDateTime expiresAt,
    long version,
    OffsetDateTime createdAt,
    OffsetDateTime updatedAt) {
  private static final String HIDDEN = "••••";
  private static final int SHOWN_FROM = 24;
  private static final int SHOWN = 4;

  /** Masks that were stored when more was shown, of shorter values too, show nothing. */
  Secret {
    masked = masked.indexOf('…') > 0 ? HIDDEN : masked;
  }

  /** Whom the caller attributes it to. */
  record Owner(
      @Nullable String workspaceId,
      @Nullable String ownerUserId,
      @Nullable String externalWorkspaceId,
      @Nullable String externalUserId) {}

  /** Which sandboxes a secret serves, and under which name inside. */
  record Binding(
      String id,
      OrganizationId org,
      String secretId,
      Bound bound,
      @Nullable String exposeAsEnv,
      @Nullable String externalUserId,
      OffsetDateTime createdAt) {}

  /** The same with another value. */
  Secret renewed(String nextMasked, @Nullable OffsetDateTime nextEnd) {
    return rotated(nextMasked, hosts, nextEnd);
  }

  /** The same with another value, for these hosts. */
  Secret rotated(String nextMasked, List<String> nextHosts, @Nullable OffsetDateTime nextEnd) {
    return new Secret(
        id,
        org,
        name,
        type,
        scope,
        provider,
        nextMasked,
        nextHosts,
        header,
        owner,
        metadata,
        nextEnd,
        version + 1,
        createdAt,
        Policies.now());
  }

  /** The end that a new value has where none is said; a past one would make it useless at once. */
  @Nullable OffsetDateTime endStillAhead() {
    if (isExpired(Policies.now())) {
      throw AtollException.invalid(
          "expires_at", "must be said, null for never: the secret ended at " + expiresAt);
    }
    return expiresAt;
  }

  boolean isExpired(OffsetDateTime now) {
    return expiresAt != null && !expiresAt.isAfter(now);
  }

  /** The header that carries it. */
  String headerName() {
    if (header != null) {
      return header;
    }
    return type.equals("api_key") || type.equals("generic") ? "X-Api-Key" : "Authorization";
  }

  /** How the header carries it. */
  String headerValue(String value) {
    String line = value.strip();
    return switch (type) {
      case "bearer", "oauth_token" -> "Bearer " + line;
      case "basic" ->
          "Basic " + Base64.getEncoder().encodeToString(line.getBytes(StandardCharsets.UTF_8));
      default -> headerName().equalsIgnoreCase("Authorization") ? "Bearer " + line : line;
    };
  }

  /** Whether a request can carry this value of it. */
  boolean canCarry(String value) {
    return CarrierHeader.isFree(headerName())
        && !value.isBlank()
        && CarrierHeader.arrives(headerValue(value));
  }

  /** Refuses a value that would not arrive at its hosts. */
  void requireCarried(String value) {
    if (!hosts.isEmpty() && (value.isBlank() || !CarrierHeader.arrives(headerValue(value)))) {
      throw AtollException.invalid(
          "value",
          "must be one line of characters up to U+00FF, for a header carries it to the hosts");
    }
  }

  /** The last characters of a long value, nothing of a short one. */
  static String mask(String value) {
    return value.length() < SHOWN_FROM ? HIDDEN : "…" + value.substring(value.length() - SHOWN);
  }
}
