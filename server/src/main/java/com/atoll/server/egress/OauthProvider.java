package com.atoll.server.egress;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Somebody whom users can ask for tokens (RFC 6749), as the owner of this installation set it up.
 *
 * @param name what callers name it by
 * @param displayName what users read
 * @param authorizeUrl where a user consents
 * @param tokenUrl where codes become tokens
 * @param clientId what the provider knows this installation as; null: not set up
 * @param clientSecret proves it; null for a public client
 * @param scopes what is asked for
 * @param hosts into whose requests the egress proxy puts the token
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record OauthProvider(
    String name,
    @JsonProperty("display_name") @Nullable String displayName,
    @JsonProperty("authorize_url") @Nullable URI authorizeUrl,
    @JsonProperty("token_url") @Nullable URI tokenUrl,
    @JsonProperty("client_id") @Nullable String clientId,
    @JsonProperty("client_secret") @Nullable String clientSecret,
    @Nullable List<String> scopes,
    @Nullable List<String> hosts) {

  /** This one, where it says nothing as the other says. */
  OauthProvider or(OauthProvider other) {
    return new OauthProvider(
        name,
        displayName == null ? other.displayName : displayName,
        authorizeUrl == null ? other.authorizeUrl : authorizeUrl,
        tokenUrl == null ? other.tokenUrl : tokenUrl,
        clientId == null ? other.clientId : clientId,
        clientSecret == null ? other.clientSecret : clientSecret,
        scopes == null ? other.scopes : scopes,
        hosts == null ? other.hosts : hosts);
  }

  /** Whether a flow can be begun. */
  boolean complete() {
    return clientId != null && isWeb(authorizeUrl) && isWeb(tokenUrl);
  }

  /** Tokens travel over TLS; on this machine itself they need not. */
  private static boolean isWeb(@Nullable URI url) {
    if (url == null || url.getHost() == null) {
      return false;
    }
    return "https".equals(url.getScheme())
        || ("http".equals(url.getScheme())
            && (url.getHost().equals("127.0.0.1") || url.getHost().equals("localhost")));
  }
}
