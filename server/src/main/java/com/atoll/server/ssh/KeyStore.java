package com.atoll.server.ssh;

import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Tx;
import org.jooq.Record;

/** The keys that are ours: made when they are first needed, their private halves sealed. */
final class KeyStore {
  private static final String FIELD = "ssh-private-key";

  private final Vault vault;

  KeyStore(Vault vault) {
    this.vault = vault;
  }

  /** The key of the transaction's organization that signs certificates. */
  KeyPairs.Pair authority(Tx tx) {
    String org = tx.org().value();
    return obtain(tx, "ssh_authorities", "org", org);
  }

  /** The host key of a sandbox; that of a fork is another one. */
  KeyPairs.Pair host(Tx tx, String sandboxId) {
    return obtain(tx, "ssh_hosts", "sandbox_id", sandboxId);
  }

  private KeyPairs.Pair obtain(Tx tx, String table, String column, String id) {
    String select = "select public_key, private_key from " + table + " where " + column + " = ?";
    Record row = tx.sql().fetchOne(select, id);
    if (row == null) {
      insert(tx, table, id, KeyPairs.generate());
      row = tx.sql().fetchSingle(select, id);
    }
    return new KeyPairs.Pair(
        vault.open(tx, resource(table, id), FIELD, row.get("private_key", byte[].class)),
        row.get("public_key", byte[].class));
  }

  /** Of two who make it at once the first one's stays. */
  private void insert(Tx tx, String table, String id, KeyPairs.Pair pair) {
    byte[] sealed = vault.seal(tx, resource(table, id), FIELD, pair.seed());
    if (table.equals("ssh_authorities")) {
      tx.sql()
          .execute(
              """
              insert into ssh_authorities (org, public_key, private_key) values (?, ?, ?)
              on conflict do nothing\
              """,
              id,
              pair.publicKey(),
              sealed);
    } else {
      tx.sql()
          .execute(
              """
              insert into ssh_hosts (sandbox_id, org, public_key, private_key)
              values (?, ?, ?, ?) on conflict do nothing\
              """,
              id,
              tx.org().value(),
              pair.publicKey(),
              sealed);
    }
  }

  private static String resource(String table, String id) {
    return table + "/" + id;
  }
}
