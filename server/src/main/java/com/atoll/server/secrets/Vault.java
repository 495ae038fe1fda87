package com.atoll.server.secrets;

import com.atoll.model.Ids;
import com.atoll.model.OrganizationId;
import com.atoll.platform.Installation;
import com.atoll.server.store.Tx;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/**
 * Seals secrets of an organization with its data key. What was sealed opens only for the same
 * organization, resource and field; it carries the id of its key, so that keys can be replaced.
 */
public final class Vault {
  private static final Logger LOG = Logger.getLogger(Vault.class.getName());

  private final Supplier<Sealer> master;
  private final Map<String, Sealer> byKeyId = new ConcurrentHashMap<>();
  private final Map<OrganizationId, String> current = new ConcurrentHashMap<>();
  private volatile @Nullable Sealer loaded;

  private Vault(Supplier<Sealer> master) {
    this.master = master;
  }

  /** The vault of an installation. The master key is read when it is first needed. */
  public static Vault of(Installation installation) {
    return new Vault(
        () -> new Sealer(MasterKey.of(installation.home().resolve("secrets/master.key"))));
  }

  /** Seals a secret of the transaction's organization. */
  public byte[] seal(Tx tx, String resource, String field, byte[] secret) {
    String keyId = currentKey(tx);
    byte[] id = keyId.getBytes(StandardCharsets.US_ASCII);
    byte[] sealed = sealer(tx, keyId).seal(associated(tx.org(), resource, field), secret);
    return ByteBuffer.allocate(1 + id.length + sealed.length)
        .put((byte) id.length)
        .put(id)
        .put(sealed)
        .array();
  }

  /** Opens what {@link #seal} made. */
  public byte[] open(Tx tx, String resource, String field, byte[] sealed) {
    int idLength = sealed[0];
    String keyId = new String(sealed, 1, idLength, StandardCharsets.US_ASCII);
    byte[] rest = Arrays.copyOfRange(sealed, 1 + idLength, sealed.length);
    return sealer(tx, keyId).open(associated(tx.org(), resource, field), rest);
  }

  /** Seals a secret that belongs to no organization, as those of accounts, with the master key. */
  public byte[] sealOwn(String resource, String field, byte[] secret) {
    return master().seal(resource + '\n' + field, secret);
  }

  /** Opens what {@link #sealOwn} made. */
  public byte[] openOwn(String resource, String field, byte[] sealed) {
    return master().open(resource + '\n' + field, sealed);
  }

  /**
   * A code that only this installation can make of a text, the same each time: a token for what
   * needs no row of its own.
   *
   * @param purpose what it is for; codes of different purposes have nothing in common
   */
  public byte[] code(String purpose, String text) {
    return master().code(purpose + '\n' + text);
  }

  private static String associated(OrganizationId org, String resource, String field) {
    return org.value() + '\n' + resource + '\n' + field;
  }

  private String currentKey(Tx tx) {
    String known = current.get(tx.org());
    if (known != null) {
      return known;
    }
    Record row =
        tx.sql().fetchOne("select id from data_keys order by created_at desc, id desc limit 1");
    if (row != null) {
      String id = row.get(0, String.class);
      if (opens(tx, id)) {
        current.put(tx.org(), id);
        return id;
      }
    }
    return create(tx);
  }

  /**
   * Not after a restore without the master key: what is sealed from then on has a key of its own.
   */
  private boolean opens(Tx tx, String keyId) {
    try {
      sealer(tx, keyId);
      return true;
    } catch (IllegalStateException otherMaster) {
      LOG.log(Level.WARNING, otherMaster, () -> "data key " + keyId + " is of another master key");
      return false;
    }
  }

  private String create(Tx tx) {
    String id = Ids.next("dk");
    byte[] key = Sealer.newKey();
    tx.sql()
        .execute(
            "insert into data_keys (id, org, wrapped) values (?, ?, ?)",
            id,
            tx.org().value(),
            master().seal(associated(tx.org(), id, "data-key"), key));
    OrganizationId org = tx.org();
    byKeyId.put(id, new Sealer(key));
    tx.afterCommit(() -> current.put(org, id));
    return id;
  }

  private Sealer sealer(Tx tx, String keyId) {
    Sealer known = byKeyId.get(keyId);
    if (known != null) {
      return known;
    }
    Record row = tx.sql().fetchOne("select wrapped from data_keys where id = ?", keyId);
    if (row == null) {
      throw new IllegalStateException("data key " + keyId + " is missing");
    }
    byte[] key = master().open(associated(tx.org(), keyId, "data-key"), row.get(0, byte[].class));
    Sealer sealer = new Sealer(key);
    byKeyId.put(keyId, sealer);
    return sealer;
  }

  private Sealer master() {
    Sealer known = loaded;
    if (known == null) {
      known = master.get();
      loaded = known;
    }
    return known;
  }
}
