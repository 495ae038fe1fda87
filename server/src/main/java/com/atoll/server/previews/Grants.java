package com.atoll.server.previews;

import com.atoll.model.Principal;
import com.atoll.server.routes.RouteRequests.Granted;
import com.atoll.server.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Says whether a token opens a port. */
final class Grants {
  /** A gateway asks again after this, so that a revoked token ends soon. */
  private static final Duration BELIEVED = Duration.ofSeconds(15);

  private static final int LONGEST = 512;

  private final Store store;
  private final BiFunction<String, String, @Nullable Instant> opens;
  private final Function<String, @Nullable Principal> minters;

  /**
   * Grants of what is stored here.
   *
   * @param opens when a browser token stops to open a sandbox; null when it does not open it
   * @param minters who a token stands for that minted another; null when it no longer counts
   */
  Grants(
      Store store,
      BiFunction<String, String, @Nullable Instant> opens,
      Function<String, @Nullable Principal> minters) {
    this.store = store;
    this.opens = opens;
    this.minters = minters;
  }

  Granted grant(String sandboxId, int port, String token) {
    if (token.isEmpty() || token.length() > LONGEST) {
      return Granted.REFUSED;
    }
    Instant browser = opens.apply(token, sandboxId);
    if (browser != null) {
      return granted(browser, token, false);
    }
    Record row =
        store.findSystem(tx ->
            tx.sql()
                .fetchOne(
                    """
                    select t.scope, least(t.expires_at, p.expires_at) as until, t.minted_by,
                      s.workspace_id from preview_tokens t
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
    if (row == null || hasEnded(row.get("minted_by", String.class), row)) {
      return Granted.REFUSED;
    }
    OffsetDateTime until = row.get("until", OffsetDateTime.class);
    return granted(
        until == null ? null : until.toInstant(),
        token,
        row.get("scope", String.class).equals("read"));
  }

  /** Whether the token that minted it was revoked, or no longer reaches the sandbox. */
  private boolean hasEnded(@Nullable String minter, Record sandbox) {
    if (minter == null) {
      return false;
    }
    Principal principal = minters.apply(minter);
    if (principal == null) {
      return true;
    }
    String only = principal.workspace();
    return only != null && !only.equals(sandbox.get("workspace_id", String.class));
  }

  private static Granted granted(@Nullable Instant until, String token, boolean readOnly) {
    Instant believed = Instant.now().plus(BELIEVED);
    return until == null
        ? new Granted(true, believed.toEpochMilli(), 0, token, readOnly)
        : new Granted(
            true,
            (until.isBefore(believed) ? until : believed).toEpochMilli(),
            until.toEpochMilli(),
            token,
            readOnly);
  }
}
