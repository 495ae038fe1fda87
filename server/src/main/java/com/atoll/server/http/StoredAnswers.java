package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.Arrays;
import org.jooq.Record;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;

/**
 * Answers that are returned again for the same Idempotency-Key. A row is written in the transaction
 * that makes the change, so a change and its answer exist together or not at all.
 */
public final class StoredAnswers {
  private static final String HOW_LONG = "24 hours";

  private final Store store;
  private final Vault vault;

  /** Stored answers of this store. */
  public StoredAnswers(Store store, Vault vault) {
    this.store = store;
    this.vault = vault;
  }

  /** What makes two requests the same. */
  @SuppressWarnings("ArrayRecordComponent")
  record Key(Principal principal, String method, String path, String key, byte[] fingerprint) {
    String name() {
      return principal.org().value() + ' ' + method + ' ' + path + ' ' + key;
    }
  }

  /** A stored answer. */
  @SuppressWarnings("ArrayRecordComponent")
  record Answer(int status, byte[] body) {}

  /** Another request with the same key was first; its answer is there now. */
  static final class TakenException extends RuntimeException {
    TakenException(Throwable cause) {
      super("the idempotency key was taken meanwhile", cause);
    }
  }

  @Nullable Answer find(Key key) {
    return store.find(
        key.principal().org(),
        tx -> {
          Record row =
              tx.sql()
                  .fetchOne(
                      """
                      select principal, fingerprint, status, answer from idempotency
                      where org = ? and method = ? and path = ? and key = ?
                        and created_at > now() - cast(? as interval)\
                      """,
                      key.principal().org().value(),
                      key.method(),
                      key.path(),
                      key.key(),
                      HOW_LONG);
          return row == null ? null : open(tx, key, row);
        });
  }

  private Answer open(Tx tx, Key key, Record row) {
    boolean same =
        row.get("principal", String.class).equals(key.principal().actor())
            && Arrays.equals(row.get("fingerprint", byte[].class), key.fingerprint());
    if (!same) {
      throw AtollException.of(ErrorCode.IDEMPOTENCY_KEY_REUSED);
    }
    byte[] sealed = row.get("answer", byte[].class);
    return new Answer(
        row.get("status", Integer.class), vault.open(tx, key.name(), "answer", sealed));
  }

  void put(Tx tx, Key key, int status, byte[] body, @Nullable String resource) {
    try {
      tx.sql()
          .execute(
              """
              delete from idempotency where org = ? and method = ? and path = ? and key = ?
                and created_at <= now() - cast(? as interval)\
              """,
              key.principal().org().value(),
              key.method(),
              key.path(),
              key.key(),
              HOW_LONG);
      tx.sql()
          .execute(
              """
              insert into idempotency (org, method, path, key, principal, fingerprint, status, answer, resource)
              values (?, ?, ?, ?, ?, ?, ?, ?, ?)\
              """,
              key.principal().org().value(),
              key.method(),
              key.path(),
              key.key(),
              key.principal().actor(),
              key.fingerprint(),
              status,
              vault.seal(tx, key.name(), "answer", body),
              resource);
    } catch (DataAccessException e) {
      throw SqlFaults.isDuplicate(e, "idempotency_pkey") ? new TakenException(e) : e;
    }
  }

  /** The answer of a change that has gone on. */
  void replace(Tx tx, Key key, byte[] body) {
    tx.sql()
        .execute(
            "update idempotency set answer = ? where org = ? and method = ? and path = ? and key = ?",
            vault.seal(tx, key.name(), "answer", body),
            key.principal().org().value(),
            key.method(),
            key.path(),
            key.key());
  }

  void putAlone(Key key, int status, byte[] body) {
    try {
      store.execute(key.principal().org(), tx -> put(tx, key, status, body, null));
    } catch (TakenException e) {
      // The first answer stands.
      return;
    }
  }

  /** Forgets the answers about a resource, for example a key that was revoked. */
  public void forget(Tx tx, String resource) {
    tx.sql().execute("delete from idempotency where resource = ?", resource);
  }

  /** Deletes answers that are no longer returned. */
  public void sweep() {
    store.executeSystem(tx ->
        tx.sql()
            .execute(
                "delete from idempotency where created_at < now() - cast(? as interval)",
                HOW_LONG));
  }
}
