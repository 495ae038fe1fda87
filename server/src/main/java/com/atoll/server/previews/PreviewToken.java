package com.atoll.server.previews;

import com.atoll.model.Delegation;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.store.Tx;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A secret that opens a private port. Only its hash is kept.
 *
 * @param value the secret, shown once
 * @param port the one port that it opens; null for every port of the sandbox
 * @param mintedBy the token that asked for it and with which it ends; null when a key did
 */
record PreviewToken(
    String id,
    String value,
    Kind kind,
    String sandboxId,
    @Nullable String previewId,
    @Nullable Integer port,
    String scope,
    @Nullable OffsetDateTime expiresAt,
    @Nullable String mintedBy) {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int SECRET_BYTES = 32;
  private static final int SHOWN = 6;

  /** Where a token comes from. */
  enum Kind {
    /** Minted for one visit. */
    TOKEN("token", "mp_"),
    /** Shares one preview. */
    SHARE("share", "miosa_pv_"),
    /** Opens the DevTools of a browser inside. */
    BROWSER("browser", "cdp_"),
    /** Shares a sandbox. */
    SANDBOX("sandbox", "ms_");

    private final String stored;
    private final String prefix;

    Kind(String stored, String prefix) {
      this.stored = stored;
      this.prefix = prefix;
    }

    String stored() {
      return stored;
    }
  }

  /**
   * A new one.
   *
   * @param maker who asks; what a token asks for ends with it at the latest
   * @param seconds how long it is to last; null for no end
   */
  static PreviewToken mint(
      Principal maker,
      Kind kind,
      String sandboxId,
      @Nullable String previewId,
      @Nullable Integer port,
      String scope,
      @Nullable Integer seconds) {
    Delegation delegation = maker.delegation();
    Instant last = delegation == null ? null : delegation.expiresAt();
    Instant end = seconds == null ? last : maker.bounded(Instant.now().plusSeconds(seconds));
    byte[] secret = new byte[SECRET_BYTES];
    RANDOM.nextBytes(secret);
    return new PreviewToken(
        Ids.next(kind == Kind.SANDBOX ? "share" : "ptk"),
        kind.prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(secret),
        kind,
        sandboxId,
        previewId,
        port,
        scope,
        end == null ? null : end.atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.MILLIS),
        delegation == null ? null : delegation.token());
  }

  /** The beginning, by which its owner recognizes it. */
  String shown() {
    return value.substring(0, kind.prefix.length() + SHOWN);
  }

  /** Stores it; when it was made, as its row says. */
  OffsetDateTime insert(Tx tx, @Nullable String externalUserId) {
    return tx.sql()
        .fetchSingle(
            """
            insert into preview_tokens (id, org, hash, prefix, kind, sandbox_id, preview_id, port,
              scope, external_user_id, expires_at, minted_by)
            values (?, ?, ?, ?, ?, ?, ?, cast(? as int), ?, ?, cast(? as timestamptz), ?)
            returning created_at\
            """,
            id,
            tx.org().value(),
            hash(value),
            shown(),
            kind.stored,
            sandboxId,
            previewId,
            port,
            scope,
            externalUserId,
            expiresAt,
            mintedBy)
        .get(0, OffsetDateTime.class);
  }

  static byte[] hash(String value) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException(missing);
    }
  }
}
