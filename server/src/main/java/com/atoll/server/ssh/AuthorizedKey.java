package com.atoll.server.ssh;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.server.http.Doc;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.store.Event;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jooq.Record;

/** A key that opens one sandbox without a certificate. */
record AuthorizedKey(
    @Doc("Id.") String id,
    @Doc("The sandbox that it opens.") String sandboxId,
    @Doc("Type and key, one line.") String publicKey,
    @Doc("Fingerprint, as ssh-keygen shows it.") String fingerprint,
    @Doc("What followed the key in its line.") String comment,
    @Doc("User to log in as.") String user,
    @Doc("When it was authorized.") Instant createdAt) {

  /** The rows of authorized keys. */
  static final class Table {
    static final int MOST = 64;

    private Table() {}

    static List<AuthorizedKey> of(Tx tx, String sandboxId) {
      return tx.sql()
          .fetch("select * from ssh_keys where sandbox_id = ? order by id desc", sandboxId)
          .map(Table::read);
    }

    /** Adds a key; one that is there already is answered. */
    static AuthorizedKey add(Tx tx, Sandbox sandbox, SshKey key) {
      // Two at once are counted one after the other.
      tx.sql().fetch("select id from sandboxes where id = ? for update", sandbox.id());
      List<AuthorizedKey> known = of(tx, sandbox.id());
      for (AuthorizedKey each : known) {
        if (each.fingerprint().equals(key.fingerprint())) {
          return each;
        }
      }
      if (known.size() >= MOST) {
        throw AtollException.of(
            ErrorCode.CONFLICT, "a sandbox has at most " + MOST + " authorized keys");
      }
      String id = Ids.next("sshk");
      tx.sql()
          .execute(
              """
              insert into ssh_keys (id, org, sandbox_id, public_key, fingerprint, comment,
                external_user_id)
              values (?, ?, ?, ?, ?, ?, ?)\
              """,
              id,
              tx.org().value(),
              sandbox.id(),
              key.line(),
              key.fingerprint(),
              key.comment(),
              sandbox.owner().externalUserId());
      tx.event(event("ssh_key.created", sandbox, "ssh_key", id, 1, key.fingerprint()));
      return read(tx.sql().fetchSingle("select * from ssh_keys where id = ?", id));
    }

    static void remove(Tx tx, Sandbox sandbox, String id) {
      Record removed =
          tx.sql()
              .fetchOne(
                  "delete from ssh_keys where sandbox_id = ? and id = ? returning fingerprint",
                  sandbox.id(),
                  id);
      if (removed == null) {
        throw AtollException.of(ErrorCode.NOT_FOUND, "SSH key " + id);
      }
      String fingerprint = removed.get("fingerprint", String.class);
      tx.event(event("ssh_key.deleted", sandbox, "ssh_key", id, 2, fingerprint));
    }

    private static AuthorizedKey read(Record row) {
      return new AuthorizedKey(
          row.get("id", String.class),
          row.get("sandbox_id", String.class),
          row.get("public_key", String.class),
          row.get("fingerprint", String.class),
          row.get("comment", String.class),
          "root",
          row.get("created_at", OffsetDateTime.class).toInstant());
    }
  }

  static Event event(
      String type, Sandbox sandbox, String resource, String id, long version, String fingerprint) {
    return new Event(
        type,
        resource,
        id,
        version,
        sandbox.owner().workspaceId(),
        sandbox.owner().projectId(),
        sandbox.owner().externalWorkspaceId(),
        sandbox.owner().externalUserId(),
        sandbox.owner().externalProjectId(),
        Map.of("sandbox_id", sandbox.id(), "fingerprint", fingerprint));
  }
}
