package com.atoll.server.keys;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What to change of a key. */
record KeyChange(
    @Doc(value = "Its new name.", min = 1, max = 255) @Nullable String name,
    @Doc(value = "The only scopes that it shall have from now on.", max = 100)
        @Nullable List<String> scopes,
    @Doc(
            value = "active or disabled; revoked cannot be undone.",
            pattern = "active|disabled|revoked")
        @Nullable String status,
    @Doc(value = "Requests in a minute; only admin keys set it.", min = 1, max = 100_000)
        @Nullable Integer rateLimitRpm,
    @Doc("When it ends by itself.") @Nullable Instant expiresAt,
    @Doc(value = "The only addresses or networks that it is used from; all when empty.", max = 100)
        @Nullable List<String> allowedIps,
    @Doc(value = "Values of your own, all of them.", max = 100)
        @Nullable Map<String, Object> metadata) {

  /** Whether it says anew what the key may do, from where, and until when. */
  boolean concernsAccess() {
    return scopes != null || status != null || expiresAt != null || allowedIps != null;
  }
}
