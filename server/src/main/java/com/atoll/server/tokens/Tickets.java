package com.atoll.server.tokens;

import com.atoll.model.AtollException;
import com.atoll.model.Delegation;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.http.Authenticator;
import com.atoll.server.http.Call;
import com.atoll.server.identity.Principals;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/**
 * Tickets for EventSource, which cannot send a header: single use, 60 seconds. A ticket stands for
 * the key or the token that asked for it and ends with it.
 */
public final class Tickets implements Authenticator {
  private static final int SECONDS = 60;
  private static final String PREFIX = "sset_";
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Store store;
  private final Tokens tokens;

  /** Tickets beside these tokens. */
  public Tickets(Store store, Tokens tokens) {
    this.store = store;
    this.tokens = tokens;
  }

  @Override
  public Principal authenticate(Credential credential) {
    String ticket = credential.ticket();
    if (credential.bearer() != null || ticket == null) {
      return tokens.authenticate(credential);
    }
    if (!ticket.startsWith(PREFIX) || ticket.length() > 100) {
      throw AtollException.of(ErrorCode.INVALID_TOKEN);
    }
    Principal principal = store.findSystem(tx -> use(tx, ticket));
    if (principal == null) {
      throw AtollException.of(ErrorCode.INVALID_TOKEN);
    }
    return principal;
  }

  private @Nullable Principal use(Tx tx, String ticket) {
    Record used =
        tx.sql()
            .fetchOne(
                """
                delete from tickets where hash = ?
                returning key_id, token_id, expires_at > now() as alive\
                """,
                (Object) hash(ticket));
    if (used == null || !used.get("alive", Boolean.class)) {
      return null;
    }
    String token = used.get("token_id", String.class);
    if (token != null) {
      return tokens.load(tx, token, true);
    }
    return Principals.ofKey(tx, used.get("key_id", String.class));
  }

  TicketView mint(Call call) {
    Delegation delegation = call.principal().delegation();
    byte[] random = new byte[32];
    RANDOM.nextBytes(random);
    String ticket = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    Instant ends = Instant.now().plusSeconds(SECONDS);
    store.execute(
        call.principal(),
        tx ->
            tx.sql()
                .execute(
                    "insert into tickets (hash, org, key_id, token_id, expires_at)"
                        + " values (?, ?, ?, ?, cast(? as timestamptz))",
                    hash(ticket),
                    tx.org().value(),
                    call.principal().key().value(),
                    delegation == null ? null : delegation.token(),
                    ends.atOffset(ZoneOffset.UTC)));
    return new TicketView(ticket, SECONDS, ends);
  }

  /** Deletes tickets that nobody used. */
  public void sweep() {
    store.executeSystem(tx -> tx.sql().execute("delete from tickets where expires_at < now()"));
  }

  private static byte[] hash(String ticket) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(ticket.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
