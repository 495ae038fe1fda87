package com.atoll.server.tokens;

import com.atoll.model.AtollException;
import com.atoll.model.Delegation;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import com.atoll.server.http.Authenticator;
import com.atoll.server.identity.Networks;
import com.atoll.server.identity.Principals;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/**
 * Tokens as credentials. Every request looks its token up, so that one that was revoked, or whose
 * key or parent was, ends with the next request.
 */
public final class Tokens implements Authenticator {
  private static final String ALIVE =
      """
      select t.*, k.allowed_ips from tokens t
        join api_keys k on k.id = t.key_id join organizations o on o.org = t.org
      where t.id = ? and t.revoked_at is null and t.expires_at > now() and o.status = 'active'
        and not exists (select from tokens above
          where above.id = any(t.chain) and (above.revoked_at is not null or above.expires_at <= now()))
      """;

  private final Store store;
  private final Authenticator keys;
  private final TokenForm form;

  /** Tokens beside this authenticator of keys, signed with this secret. */
  public Tokens(Store store, Authenticator keys, Supplier<byte[]> secret) {
    this.store = store;
    this.keys = keys;
    form = new TokenForm(secret);
  }

  TokenForm form() {
    return form;
  }

  @Override
  public Principal authenticate(Credential credential) {
    String bearer = credential.bearer();
    if (bearer == null || !TokenForm.isOne(bearer)) {
      return keys.authenticate(credential);
    }
    Principal principal =
        form.read(bearer, Instant.now())
            .map(claims ->
                store.findSystem(
                    tx -> load(tx, claims.id(), true, near -> near.contain(credential.address()))))
            .orElseThrow(() -> AtollException.of(ErrorCode.INVALID_TOKEN));
    String organization = credential.organization();
    if (organization != null
        && !organization.isEmpty()
        && !organization.equals(principal.org().value())) {
      String shown = organization.length() > 80 ? organization.substring(0, 80) : organization;
      throw AtollException.of(ErrorCode.TENANT_RESOLUTION_FAILED, shown);
    }
    return principal;
  }

  /**
   * The principal of a token; null when it no longer counts.
   *
   * @param counted whether this is a request, which its budget pays
   */
  @Nullable Principal load(Tx tx, String id, boolean counted) {
    return load(tx, id, counted, anywhere -> true);
  }

  private @Nullable Principal load(
      Tx tx, String id, boolean counted, Predicate<Networks> isUsedFrom) {
    Record found = tx.sql().fetchOne(ALIVE, id);
    if (found == null) {
      return null;
    }
    TokenRow token = TokenRow.of(found);
    // A browser is elsewhere than the key's owner: that is what its tokens are for.
    if (token.kind().equals("delegation")) {
      Networks networks = Networks.stored(found.get("allowed_ips", String[].class));
      if (networks != null && !isUsedFrom.test(networks)) {
        throw AtollException.of(
            ErrorCode.FORBIDDEN, "the key behind the token is not used from this address");
      }
    }
    Principal key = Principals.ofKey(tx, token.key());
    if (key == null) {
      return null;
    }
    if (counted && token.maxRequests() != null) {
      TokenTable.spend(tx, id, 1);
    }
    return of(token, key);
  }

  private static Principal of(TokenRow token, Principal key) {
    // The key may have lost scopes since.
    Set<String> scopes =
        token.scopes().stream().filter(key::allows).collect(Collectors.toUnmodifiableSet());
    Set<String> operations = null;
    if (token.abilities() != null) {
      operations =
          Ability.operations(
              token.abilities().stream().map(Ability::of).flatMap(Optional::stream).toList());
    }
    return new Principal(
        key.org(),
        key.key(),
        Role.USER,
        scopes,
        key.requestsPerMinute(),
        token.externalUser() == null ? key.externalUser() : token.externalUser(),
        new Delegation(
            token.id(),
            token.chain(),
            token.workspace(),
            token.sandboxes(),
            operations,
            token.expiresAt()),
        key.standing());
  }

  /** What a token lets do now, for what was made with it; null when it no longer counts. */
  public @Nullable Principal living(String id) {
    return store.findSystem(tx -> load(tx, id, false));
  }

  /** When a browser token stops to open the ports of a sandbox; null when it opens none. */
  public @Nullable Instant opens(String token, String sandboxId) {
    if (!TokenForm.isOne(token)) {
      return null;
    }
    return form.read(token, Instant.now())
        .map(claims -> store.findSystem(tx -> opening(tx, claims.id(), sandboxId)))
        .orElse(null);
  }

  private @Nullable Instant opening(Tx tx, String id, String sandboxId) {
    Principal principal = load(tx, id, false);
    if (principal == null) {
      return null;
    }
    Record row =
        tx.sql()
            .fetchOne(
                """
                select t.expires_at from tokens t join sandboxes s on s.id = ? and s.org = t.org
                where t.id = ? and s.state <> 'destroyed' and s.id = any(t.sandbox_ids)
                  and 'preview' = any(t.abilities)\
                """,
                sandboxId,
                id);
    return row == null ? null : row.get(0, OffsetDateTime.class).toInstant();
  }
}
