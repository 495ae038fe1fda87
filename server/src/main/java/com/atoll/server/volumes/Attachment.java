package com.atoll.server.volumes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxState;
import com.atoll.node.v1.VolumeMount;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** A volume that a sandbox has, as it is stored. */
record Attachment(
    String id,
    String org,
    String volumeId,
    String sandboxId,
    String mountPath,
    boolean readOnly,
    boolean alone,
    Status status,
    @Nullable String externalUserId,
    OffsetDateTime attachedAt) {
  /** What the ids of attachments begin with. */
  static final String PREFIX = "vat";

  /** What the machine may still have to do. */
  enum Status {
    ATTACHING,
    ATTACHED,
    DETACHING;

    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  VolumeMount mount() {
    return VolumeMount.newBuilder()
        .setVolumeId(volumeId)
        .setPath(mountPath)
        .setReadOnly(readOnly)
        .build();
  }

  boolean isOf(VolumeMount mount) {
    return mount().equals(mount);
  }

  /** The rows of attachments. */
  static final class Table {
    private static final String SELECT = "select * from volume_attachments a ";

    private Table() {}

    static List<Attachment> ofSandbox(Tx tx, String sandboxId) {
      return tx.sql()
          .fetch(SELECT + "where a.sandbox_id = ? order by a.id", sandboxId)
          .map(Table::read);
    }

    /** What these sandboxes really have: in place, and not on its way in or out. */
    static List<Mounted> mounted(Tx tx, Collection<String> sandboxIds) {
      return tx.sql()
          .fetch(
              """
              select a.sandbox_id, v.name, a.mount_path from volume_attachments a
                join volumes v on v.id = a.volume_id
              where a.sandbox_id = any(?) and a.status = 'attached' order by a.id\
              """,
              (Object) sandboxIds.toArray(String[]::new))
          .map(row ->
              new Mounted(
                  row.get(0, String.class), row.get(1, String.class), row.get(2, String.class)));
    }

    static List<Attachment> ofVolume(Tx tx, String volumeId) {
      return tx.sql()
          .fetch(SELECT + "where a.volume_id = ? order by a.id", volumeId)
          .map(Table::read);
    }

    /** All of them, for a transaction of the system. */
    static List<Attachment> all(Tx tx) {
      return tx.sql().fetch(SELECT + "order by a.id").map(Table::read);
    }

    /** Those that outlived their sandbox, for a transaction of the system. */
    static List<Attachment> leftover(Tx tx) {
      return tx.sql()
          .fetch(
              SELECT
                  + """
                  where not exists (
                    select from sandboxes s where s.id = a.sandbox_id and s.state <> 'destroyed')
                  order by a.volume_id\
                  """)
          .map(Table::read);
    }

    /**
     * Keeps a sandbox from being destroyed until the transaction ends: its end frees what it has
     * then, and nothing may come after that. Refuses one that is destroyed.
     */
    static void holdSandbox(Tx tx, String sandboxId) {
      Record row =
          tx.sql().fetchOne("select state from sandboxes where id = ? for update", sandboxId);
      if (row == null || row.get("state", String.class).equals(SandboxState.DESTROYED.wire())) {
        throw AtollException.of(ErrorCode.SANDBOX_DESTROYED, sandboxId);
      }
    }

    /** The attachment of this id, or that of this volume. */
    static Optional<Attachment> find(Tx tx, String sandboxId, String reference) {
      Record row =
          tx.sql()
              .fetchOne(
                  SELECT + "where a.sandbox_id = ? and (a.id = ? or a.volume_id = ?)",
                  sandboxId,
                  reference,
                  reference);
      return row == null ? Optional.empty() : Optional.of(read(row));
    }

    static void insert(Tx tx, Attachment attachment) {
      tx.later(
          """
          insert into volume_attachments (id, org, volume_id, sandbox_id, mount_path, read_only,
            alone, status, external_user_id, attached_at)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, cast(? as timestamptz))\
          """,
          attachment.id,
          attachment.org,
          attachment.volumeId,
          attachment.sandboxId,
          attachment.mountPath,
          attachment.readOnly,
          attachment.alone,
          attachment.status.wire(),
          attachment.externalUserId,
          attachment.attachedAt);
    }

    static void move(Tx tx, String id, Status to) {
      tx.sql().execute("update volume_attachments set status = ? where id = ?", to.wire(), id);
    }

    static boolean delete(Tx tx, String id) {
      return tx.sql().execute("delete from volume_attachments where id = ?", id) == 1;
    }

    private static Attachment read(Record row) {
      return new Attachment(
          row.get("id", String.class),
          row.get("org", String.class),
          row.get("volume_id", String.class),
          row.get("sandbox_id", String.class),
          row.get("mount_path", String.class),
          row.get("read_only", Boolean.class),
          row.get("alone", Boolean.class),
          Status.valueOf(row.get("status", String.class).toUpperCase(Locale.ROOT)),
          row.get("external_user_id", String.class),
          row.get("attached_at", OffsetDateTime.class));
    }
  }
}
