package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Consents: begun by a caller, finished by the browser of whoever consents. */
final class OauthFlows {
  private static final Logger LOG = LoggerFactory.getLogger(OauthFlows.class);
  private static final Duration LIFETIME = Duration.ofMinutes(10);

  /** Tokens are renewed when they have so long to live. */
  private static final Duration EARLY = Duration.ofMinutes(25);

  private static final String RESOURCE = "oauth-flow";
  private static final Base64.Encoder TEXT = Base64.getUrlEncoder().withoutPadding();

  private final Store store;
  private final Vault vault;
  private final Secrets secrets;
  private final OauthProviders providers;
  private final OauthTokens tokens = new OauthTokens();
  private final SecureRandom random = new SecureRandom();
  private final String redirect;

  /**
   * Flows of this installation.
   *
   * @param redirect where providers send browsers back to
   */
  OauthFlows(Store store, Vault vault, Secrets secrets, OauthProviders providers, String redirect) {
    this.store = store;
    this.vault = vault;
    this.secrets = secrets;
    this.providers = providers;
    this.redirect = redirect;
  }

  /** What the secret will be like. */
  record Wish(
      String provider,
      String scope,
      @Nullable String ownerUserId,
      @Nullable String externalWorkspaceId,
      @Nullable String externalUserId,
      Secret.@Nullable Binding binding,
      @Nullable String returnTo) {}

  /** A flow that was begun. */
  record Begun(String authorizeUrl, String state, String provider, OffsetDateTime expiresAt) {}

  /** How a flow stands. */
  record Standing(String status, @Nullable String secretId, @Nullable String error) {}

  List<OauthProvider> providers() {
    return providers.list();
  }

  Begun begin(Principal principal, Wish wish) {
    OauthProvider provider = providers.require(wish.provider());
    String state = secret();
    String verifier = secret();
    Secret.Binding binding = wish.binding();
    OffsetDateTime end = Policies.now().plus(LIFETIME);
    byte[] hash = hash(state);
    store.execute(
        principal,
        tx -> {
          byte[] sealed =
              vault.seal(tx, RESOURCE, "verifier", verifier.getBytes(StandardCharsets.UTF_8));
          if (binding != null) {
            Bounds.requireExists(tx, binding.bound());
          }
          new OauthFlow(
                  hash,
                  principal.org(),
                  provider.name(),
                  sealed,
                  "pending",
                  null,
                  null,
                  wish.scope(),
                  wish.ownerUserId(),
                  wish.externalWorkspaceId(),
                  wish.externalUserId(),
                  binding == null ? null : binding.bound(),
                  binding == null ? null : binding.exposeAsEnv(),
                  binding == null ? null : binding.externalUserId(),
                  wish.returnTo(),
                  end)
              .insert(tx);
        });
    return new Begun(authorizeUrl(provider, state, verifier), state, provider.name(), end);
  }

  private String authorizeUrl(OauthProvider provider, String state, String verifier) {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("response_type", "code");
    query.put("client_id", Objects.requireNonNull(provider.clientId()));
    query.put("redirect_uri", redirect);
    List<String> scopes = provider.scopes();
    if (scopes != null && !scopes.isEmpty()) {
      query.put("scope", String.join(" ", scopes));
    }
    query.put("state", state);
    query.put("code_challenge", TEXT.encodeToString(hash(verifier)));
    query.put("code_challenge_method", "S256");
    String url = String.valueOf(provider.authorizeUrl());
    return url + (url.contains("?") ? "&" : "?") + OauthTokens.encoded(query);
  }

  /** How the flow of this state stands, for whoever began it. */
  Standing standing(Principal principal, String state) {
    OauthFlow flow =
        store
            .transaction(principal, tx -> OauthFlow.find(tx, hash(state)))
            .orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "OAuth flow"));
    boolean over = flow.status().equals("pending") && flow.isOver(Policies.now());
    return new Standing(over ? "expired" : flow.status(), flow.secretId(), flow.error());
  }

  /**
   * A browser came back.
   *
   * @param code null when the provider refused
   * @return where its user goes from here, and what to tell; nothing for an unknown state
   */
  Optional<Finished> finish(String state, @Nullable String code, @Nullable String refusal) {
    byte[] hash = hash(state);
    Optional<OauthFlow> found = store.system(tx -> OauthFlow.find(tx, hash));
    if (found.isEmpty()) {
      return Optional.empty();
    }
    OauthFlow flow = found.get();
    if (!store.transaction(flow.org(), tx -> OauthFlow.take(tx, hash))) {
      return Optional.of(new Finished(flow, "This consent was used already, or came too late."));
    }
    String problem = refusal;
    if (code != null) {
      try {
        kept(flow, code);
        return Optional.of(new Finished(flow, null));
      } catch (OauthTokens.RefusedException refused) {
        problem = refused.getMessage();
      } catch (AtollException refused) {
        problem = refused.getMessage();
      }
    }
    String why = problem == null ? "the provider gave no code" : problem;
    store.execute(flow.org(), tx -> OauthFlow.end(tx, hash, "failed", null, why));
    return Optional.of(new Finished(flow, why));
  }

  /**
   * How a flow ended.
   *
   * @param problem null when it led to a secret
   */
  record Finished(OauthFlow flow, @Nullable String problem) {}

  private void kept(OauthFlow flow, String code) throws OauthTokens.RefusedException {
    OauthProvider provider = providers.require(flow.provider());
    String verifier =
        store.transaction(
            flow.org(),
            tx ->
                new String(
                    vault.open(tx, RESOURCE, "verifier", flow.sealedVerifier()),
                    StandardCharsets.UTF_8));
    OauthTokens.Granted granted = tokens.exchange(provider, code, verifier, redirect);
    OffsetDateTime now = Policies.now();
    Secret secret =
        new Secret(
            Ids.next("egs"),
            flow.org(),
            provider.name(),
            "oauth_token",
            flow.scope(),
            provider.name(),
            Secret.mask(granted.access()),
            provider.hosts() == null ? List.of() : provider.hosts(),
            null,
            new Secret.Owner(
                null, flow.ownerUserId(), flow.externalWorkspaceId(), flow.externalUserId()),
            Map.of(),
            granted.expiresAt(),
            1,
            now,
            now);
    Bound bound = flow.boundTo();
    Secret.Binding binding =
        bound == null
            ? null
            : new Secret.Binding(
                Ids.next("egb"),
                flow.org(),
                secret.id(),
                bound,
                flow.exposeAsEnv(),
                flow.bindingUser(),
                now);
    secrets.create(
        flow.org(),
        secret,
        granted.access(),
        granted.refresh(),
        binding,
        (tx, made) -> OauthFlow.end(tx, flow.stateHash(), "completed", made.id(), null));
  }

  /** Renews tokens that end soon, and forgets old flows. */
  void sweep() {
    store.executeSystem(OauthFlow::sweep);
    for (Secret secret : secrets.ending(Policies.now().plus(EARLY))) {
      try {
        renew(secret);
      } catch (OauthTokens.RefusedException | AtollException refused) {
        LOG.warn("The token {} was not renewed: {}", secret.id(), refused.getMessage());
      }
    }
  }

  private void renew(Secret secret) throws OauthTokens.RefusedException {
    String refresh = secrets.refreshToken(secret);
    if (refresh == null || secret.provider() == null) {
      return;
    }
    OauthProvider provider = providers.require(secret.provider());
    OauthTokens.Granted granted = tokens.refresh(provider, refresh);
    var _ =
        secrets.rotate(
            secret.org(),
            secret.id(),
            granted.access(),
            granted.refresh(),
            now -> now.renewed(Secret.mask(granted.access()), granted.expiresAt()));
  }

  private String secret() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return TEXT.encodeToString(bytes);
  }

  private static byte[] hash(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
