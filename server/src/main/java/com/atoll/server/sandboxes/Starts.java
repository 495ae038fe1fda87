package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.OrganizationId;
import com.atoll.model.SandboxState;
import com.atoll.node.v1.CommandSpec;
import com.atoll.server.http.Json;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What new sandboxes are to start once they run. The row keeps it until it was started, so that a
 * server that starts again does what an earlier one did not come to.
 */
final class Starts {
  private static final Logger LOG = LoggerFactory.getLogger(Starts.class);
  private static final String FIELD = "starts";

  private final Store store;
  private final Vault vault;
  private final Setup setup;

  Starts(Store store, Vault vault, Setup setup) {
    this.store = store;
    this.vault = vault;
    this.setup = setup;
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Kept(String name, byte[] command) {
    static Kept of(Plan.Start start) {
      return new Kept(start.name(), start.command().toByteArray());
    }

    Plan.Start start() {
      try {
        return new Plan.Start(name, CommandSpec.parseFrom(command));
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private record Due(OrganizationId org, String sandboxId) {}

  /** Stores them, in the transaction that stores the sandbox. */
  void insert(Tx tx, Plan plan) {
    List<Plan.Start> starts = plan.begin().starts();
    if (!starts.isEmpty()) {
      String id = plan.sandbox().id();
      byte[] json = Json.MAPPER.writeValueAsBytes(starts.stream().map(Kept::of).toList());
      tx.sql()
          .execute(
              "update sandboxes set starts = cast(? as bytea) where id = ?",
              vault.seal(tx, id, FIELD, json),
              id);
    }
  }

  /** Starts those of a sandbox that has just been created. */
  void first(Plan plan) {
    if (!plan.begin().starts().isEmpty()) {
      start(plan.sandbox(), false);
    }
  }

  /** Starts those that are still to be started; what runs by now runs on. */
  void again(Sandbox sandbox) {
    start(sandbox, true);
  }

  /** Starts what is still to be started in sandboxes that run. */
  void settle(Directory directory, Creation creation) {
    List<Due> due =
        store.system(tx ->
            tx.sql()
                .fetch("select org, id from sandboxes where starts is not null")
                .map(row ->
                    new Due(
                        new OrganizationId(row.get("org", String.class)),
                        row.get("id", String.class))));
    for (Due one : due) {
      if (!creation.isUnderway(one.sandboxId())) {
        directory
            .byId(one.sandboxId())
            .filter(now -> now.state() == SandboxState.RUNNING && now.bootPath() != null)
            .ifPresent(this::again);
      }
    }
  }

  /** The row is locked meanwhile: of two processes of the server one starts them. */
  private void start(Sandbox sandbox, boolean again) {
    try {
      store.execute(
          sandbox.org(),
          tx -> {
            byte[] sealed = due(tx, sandbox.id());
            if (sealed != null) {
              List<Plan.Start> starts = new ArrayList<>();
              for (Kept kept :
                  Json.MAPPER.readValue(
                      vault.open(tx, sandbox.id(), FIELD, sealed), Kept[].class)) {
                starts.add(kept.start());
              }
              setup.start(sandbox, starts, again, tx::afterCommit);
              tx.sql().execute("update sandboxes set starts = null where id = ?", sandbox.id());
            }
          });
    } catch (AtollException away) {
      LOG.info("What {} is to run is started later: {}", sandbox.id(), away.getMessage());
    } catch (RuntimeException failed) {
      LOG.warn("What {} is to run was not started.", sandbox.id(), failed);
    }
  }

  private static byte @Nullable [] due(Tx tx, String id) {
    Record row =
        tx.sql()
            .fetchOne(
                "select starts from sandboxes where id = ? and state = 'running' for update", id);
    return row == null ? null : row.get(0, byte[].class);
  }
}
