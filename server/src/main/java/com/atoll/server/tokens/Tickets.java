package com.atoll.server.tokens;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.http.Authenticator;
import com.atoll.server.http.Call;
import com.atoll.server.identity.Principals;
import com.atoll.server.store.Store;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;

/**
 * Tickets for EventSource, which cannot send a header: single use, 60 seconds. A ticket stands for
 * the key that asked for it and ends with it.
 */
public final class Tickets implements Authenticator {
  private static final int SECONDS = 60;
  private static final String PREFIX = "sset_";
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Store store;
  private final Authenticator keys;

  /** Tickets beside this authenticator of keys. */
  public Tickets(Store store, Authenticator keys) {
    this.store = store;
    this.keys = keys;
  }

  @Override
  public Principal authenticate(Credential credential) {
    String ticket = credential.ticket();
    if (credential.bearer() != null || ticket == null) {
      return keys.authenticate(credential);
    }
    if (!ticket.startsWith(PREFIX) || ticket.length() > 100) {
      throw AtollException.of(ErrorCode.INVALID_TOKEN);
    }
    Principal principal =
        store.findSystem(tx ->
            Principals.of(
                tx.sql()
                    .fetchOne(
                        "with used as (delete from tickets where hash = ? returning key_id, expires_at) select "
                            + Principals.COLUMNS
                            + " from used join api_keys k on k.id = used.key_id"
                            + Principals.JOIN
                            + "where used.expires_at > now() and"
                            + Principals.VALID,
                        (Object) hash(ticket))));
    if (principal == null) {
      throw AtollException.of(ErrorCode.INVALID_TOKEN);
    }
    return principal;
  }

  TicketView mint(Call call) {
    byte[] random = new byte[32];
    RANDOM.nextBytes(random);
    String ticket = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    Instant ends = Instant.now().plusSeconds(SECONDS);
    store.execute(
        call.principal(),
        tx ->
            tx.sql()
                .execute(
                    "insert into tickets (hash, org, key_id, expires_at) values (?, ?, ?, cast(? as timestamptz))",
                    hash(ticket),
                    tx.org().value(),
                    call.principal().key().value(),
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
