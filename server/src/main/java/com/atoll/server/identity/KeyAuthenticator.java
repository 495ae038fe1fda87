package com.atoll.server.identity;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.http.Authenticator;
import com.atoll.server.store.Store;
import java.time.Clock;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  /** What is believed: the names of its organization, and the only networks it is used from. */
  private record Known(
      Principal principal, Set<String> names, @Nullable Networks networks, long until) {}

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
    if (organization != null && !organization.isEmpty() && !known.names().contains(organization)) {
      String shown = organization.length() > 80 ? organization.substring(0, 80) : organization;
      throw AtollException.of(ErrorCode.TENANT_RESOLUTION_FAILED, shown);
    }
    if (known.networks() != null && !known.networks().contain(credential.address())) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the key is not used from this address");
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
                  "select "
                      + Principals.COLUMNS
                      + ", o.slug, k.allowed_ips,"
                      + " (select h.slug from organizations h where h.org = o.test_of) as live_slug,"
                      + " k.last_used_at is null or k.last_used_at < now() - interval '1 minute' as stale"
                      + " from api_keys k"
                      + Principals.JOIN
                      + "where (k.hash = ? or (k.previous_hash = ? and k.previous_until > now())) and"
                      + Principals.VALID,
                  hash,
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
      return known(row, now + BELIEVED_MS);
    });
  }

  private static Known known(Record row, long until) {
    Set<String> names = new HashSet<>();
    for (String column : List.of("org", "slug", "test_of", "live_slug")) {
      String name = row.get(column, String.class);
      if (name != null) {
        names.add(name);
      }
    }
    return new Known(
        Principals.from(row),
        names,
        Networks.stored(row.get("allowed_ips", String[].class)),
        until);
  }
}
