package com.atoll.server.services;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.OrganizationId;
import com.atoll.model.SandboxState;
import com.atoll.server.sandboxes.KeptService;
import com.atoll.server.sandboxes.ServiceWish;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Tx;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The rows of services. Their environments are stored sealed only. */
final class ServiceTable {
  static final String PREFIX = "svc";
  private static final String FIELD = "env";
  private static final String KEPT = "services";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final TypeReference<Map<String, String>> ENV = new TypeReference<>() {};
  private static final TypeReference<List<KeptService>> KEPT_SERVICES = new TypeReference<>() {};

  private final Vault vault;

  ServiceTable(Vault vault) {
    this.vault = vault;
  }

  /** Those of a sandbox, as they were made. */
  List<Service> of(Tx tx, String sandboxId) {
    return tx.sql()
        .fetch("select * from sandbox_services where sandbox_id = ? order by position", sandboxId)
        .map(row -> read(tx, row));
  }

  /** The service of this name or id. */
  Optional<Service> find(Tx tx, String sandboxId, String reference) {
    return find(tx, sandboxId, reference, "");
  }

  /** The same, kept from others until the transaction ends. */
  Optional<Service> lock(Tx tx, String sandboxId, String reference) {
    return find(tx, sandboxId, reference, " for update");
  }

  private Optional<Service> find(Tx tx, String sandboxId, String reference, String how) {
    Record row =
        tx.sql()
            .fetchOne(
                "select * from sandbox_services where sandbox_id = ? and (name = ? or id = ?)"
                    + how,
                sandboxId,
                reference,
                reference);
    return row == null ? Optional.empty() : Optional.of(read(tx, row));
  }

  /**
   * The sandboxes, of every organization, that have any, and those that may: one that is paused, or
   * just goes on, may keep the process of a service that was deleted while it stood still.
   */
  static List<String> sandboxes(Tx tx) {
    return tx.sql()
        .fetch(
            """
            select sandbox_id from sandbox_services union select id from sandboxes
            where state = ? or (state = ? and running_since > now() - interval '15 seconds')\
            """,
            SandboxState.PAUSED.wire(),
            SandboxState.RUNNING.wire())
        .map(row -> row.get(0, String.class));
  }

  Service insert(Tx tx, String sandboxId, ServiceWish wish, boolean wanted) {
    String id = Ids.next(PREFIX);
    // One at a time: the number of them is looked at.
    Record sandbox =
        tx.sql().fetchOne("select state from sandboxes where id = ? for update", sandboxId);
    if (sandbox == null || sandbox.get(0, String.class).equals(SandboxState.DESTROYED.wire())) {
      throw AtollException.of(ErrorCode.SANDBOX_DESTROYED, sandboxId);
    }
    int count =
        tx.sql()
            .fetchSingle("select count(*) from sandbox_services where sandbox_id = ?", sandboxId)
            .get(0, Integer.class);
    if (count >= ServiceWish.MOST) {
      throw AtollException.of(
          ErrorCode.RESOURCE_STATE, "it has " + ServiceWish.MOST + " services already");
    }
    int stored =
        tx.sql()
            .execute(
                """
                insert into sandbox_services (id, org, sandbox_id, name, command, port, env,
                  working_dir, restart_policy, wanted, position)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (select coalesce(max(position), 0) + 1
                  from sandbox_services where sandbox_id = ?))
                on conflict (sandbox_id, name) do nothing\
                """,
                id,
                tx.org().value(),
                sandboxId,
                wish.name(),
                wish.command(),
                wish.port(),
                seal(tx, id, wish),
                wish.workingDir(),
                wish.restartPolicy(),
                wanted,
                sandboxId);
    if (stored == 0) {
      throw AtollException.of(ErrorCode.NAME_TAKEN, String.valueOf(wish.name()));
    }
    return find(tx, sandboxId, id).orElseThrow();
  }

  /** Changes one that is locked. */
  Service update(Tx tx, Service service, ServiceWish wish) {
    tx.sql()
        .execute(
            """
            update sandbox_services set command = ?, port = ?, env = ?, working_dir = ?,
              restart_policy = ?, version = version + 1, updated_at = now() where id = ?\
            """,
            wish.command(),
            wish.port(),
            seal(tx, service.id(), wish),
            wish.workingDir(),
            wish.restartPolicy(),
            service.id());
    return find(tx, service.sandboxId(), service.id()).orElseThrow();
  }

  /** Says of one that is locked whether it is to run. */
  Service want(Tx tx, Service service, boolean wanted) {
    tx.sql()
        .execute(
            """
            update sandbox_services set wanted = ?, version = version + 1, updated_at = now()
            where id = ? and wanted <> ?\
            """,
            wanted,
            service.id(),
            wanted);
    return find(tx, service.sandboxId(), service.id()).orElseThrow();
  }

  /** Whether it was there. */
  static boolean delete(Tx tx, Service service) {
    return tx.sql().execute("delete from sandbox_services where id = ?", service.id()) == 1;
  }

  static void deleteOf(Tx tx, String sandboxId) {
    tx.later("delete from sandbox_services where sandbox_id = ?", sandboxId);
  }

  /** Keeps services beside a snapshot. */
  void keep(Tx tx, String snapshotId, List<KeptService> services) {
    tx.sql()
        .execute(
            "insert into kept_services (snapshot_id, org, services) values (?, ?, ?)",
            snapshotId,
            tx.org().value(),
            vault.seal(tx, snapshotId, KEPT, JSON.writeValueAsBytes(services)));
  }

  /** What was kept beside a snapshot. */
  List<KeptService> kept(Tx tx, String snapshotId) {
    Record row =
        tx.sql().fetchOne("select services from kept_services where snapshot_id = ?", snapshotId);
    return row == null
        ? List.of()
        : JSON.readValue(vault.open(tx, snapshotId, KEPT, row.get(0, byte[].class)), KEPT_SERVICES);
  }

  private byte @Nullable [] seal(Tx tx, String id, ServiceWish wish) {
    Map<String, String> env = wish.env();
    return env == null || env.isEmpty()
        ? null
        : vault.seal(tx, id, FIELD, JSON.writeValueAsString(env).getBytes(StandardCharsets.UTF_8));
  }

  private Service read(Tx tx, Record row) {
    String id = row.get("id", String.class);
    byte @Nullable [] sealed = row.get("env", byte[].class);
    String policy = row.get("restart_policy", String.class);
    return new Service(
        id,
        new OrganizationId(row.get("org", String.class)),
        row.get("sandbox_id", String.class),
        new ServiceWish(
            row.get("name", String.class),
            row.get("command", String.class),
            row.get("port", Integer.class),
            sealed == null ? Map.of() : JSON.readValue(vault.open(tx, id, FIELD, sealed), ENV),
            row.get("working_dir", String.class),
            policy,
            !policy.equals("no")),
        row.get("wanted", Boolean.class),
        row.get("version", Long.class),
        row.get("created_at", OffsetDateTime.class),
        row.get("updated_at", OffsetDateTime.class));
  }
}
