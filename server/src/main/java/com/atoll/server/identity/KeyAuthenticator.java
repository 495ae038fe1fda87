package com.atoll.server.identity;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.http.Authenticator;
import com.atoll.server.store.Store;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Finds the principal of an API key. What it found is believed for a second. */
public final class KeyAuthenticator implements Authenticator {
  private static final long BELIEVED_MS = 1_000;
  private static final int MOST_CACHED = 10_000;

  private final Store store;
  private final Clock clock;
  private final Map<String, Known> cache = new ConcurrentHashMap<>();

  private record Known(Principal principal, String slug, long until) {}

  /** An authenticator on this store. */
  public KeyAuthenticator(Store store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  @Override
  public Principal authenticate(Credential credential) {
    String bearer = credential.bearer();
    if (bearer == null) {
      throw AtollException.of(ErrorCode.UNAUTHORIZED);
    }
    if (!KeySecret.isOne(bearer)) {
      throw AtollException.of(ErrorCode.INVALID_TOKEN);
    }
    Known known = known(new KeySecret(bearer).hash());
    String organization = credential.organization();
    if (organization != null
        && !organization.isEmpty()
        && !organization.equals(known.principal().org().value())
        && !organization.equals(known.slug())) {
      String shown = organization.length() > 80 ? organization.substring(0, 80) : organization;
      throw AtollException.of(ErrorCode.TENANT_RESOLUTION_FAILED, shown);
    }
    return known.principal();
  }

  /** Forgets what is believed about all keys, because one was changed. */
  public void forget() {
    cache.clear();
  }

  private Known known(byte[] hash) {
    String name = HexFormat.of().formatHex(hash);
    long now = clock.millis();
    Known cached = cache.get(name);
    if (cached != null && cached.until() > now) {
      return cached;
    }
    Known loaded = load(hash, now);
    if (loaded == null) {
      cache.remove(name);
      throw AtollException.of(ErrorCode.INVALID_TOKEN);
    }
    if (cache.size() >= MOST_CACHED) {
      cache.values().removeIf(k -> k.until() <= now);
    }
    if (cache.size() < MOST_CACHED) {
      cache.put(name, loaded);
    }
    return loaded;
  }

  private @Nullable Known load(byte[] hash, long now) {
    return store.findSystem(tx -> {
      Record row =
          tx.sql()
              .fetchOne(
                  """
                  select k.id, k.org, k.role, k.scopes, k.rate_limit_rpm, k.external_user_id, o.slug,
                    k.last_used_at is null or k.last_used_at < now() - interval '1 minute' as stale
                  from api_keys k join organizations o on o.org = k.org
                  where k.hash = ? and k.status = 'active' and o.status = 'active'
                    and (k.expires_at is null or k.expires_at > now())\
                  """,
                  hash);
      if (row == null) {
        return null;
      }
      if (row.get("stale", Boolean.class)) {
        tx.sql()
            .execute(
                """
                update api_keys set last_used_at = now() where id =
                  (select id from api_keys where id = ? for update skip locked)\
                """,
                row.get("id", String.class));
      }
      return new Known(Principals.from(row), row.get("slug", String.class), now + BELIEVED_MS);
    });
  }
}
