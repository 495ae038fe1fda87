package com.atoll.server.previews;

import com.atoll.server.routes.RouteRequests.Granted;
import com.atoll.server.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.function.BiFunction;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Says whether a token opens a port. */
final class Grants {
  /** A gateway asks again after this, so that a revoked token ends soon. */
  private static final Duration BELIEVED = Duration.ofSeconds(15);

  private static final int LONGEST = 512;

  private final Store store;
  private final BiFunction<String, String, @Nullable Instant> opens;

  Grants(Store store, BiFunction<String, String, @Nullable Instant> opens) {
    this.store = store;
    this.opens = opens;
  }

  Granted grant(String sandboxId, int port, String token) {
    if (token.isEmpty() || token.length() > LONGEST) {
      return Granted.REFUSED;
    }
    Instant browser = opens.apply(token, sandboxId);
    if (browser != null) {
      Instant believed = Instant.now().plus(BELIEVED);
      Instant end = browser.isBefore(believed) ? browser : believed;
      return new Granted(true, end.toEpochMilli(), token, false);
    }
    Record row =
        store.findSystem(tx ->
            tx.sql()
                .fetchOne(
                    """
                    select t.scope, t.expires_at from preview_tokens t
                      join sandboxes s on s.id = t.sandbox_id
                      left join previews p on p.id = t.preview_id
                    where t.hash = ? and t.sandbox_id = ? and (t.port is null or t.port = ?)
                      and t.revoked_at is null
                      and (t.expires_at is null or t.expires_at > now())
                      and s.state <> 'destroyed' and p.deleted_at is null
                      and (p.expires_at is null or p.expires_at > now())\
                    """,
                    PreviewToken.hash(token),
                    sandboxId,
                    port));
    if (row == null) {
      return Granted.REFUSED;
    }
    Instant until = Instant.now().plus(BELIEVED);
    OffsetDateTime expires = row.get("expires_at", OffsetDateTime.class);
    Instant end =
        expires == null || expires.toInstant().isAfter(until) ? until : expires.toInstant();
    return new Granted(
        true, end.toEpochMilli(), token, row.get("scope", String.class).equals("read"));
  }
}
