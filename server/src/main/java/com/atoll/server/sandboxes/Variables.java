package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.OrganizationId;
import com.atoll.model.SandboxState;
import com.atoll.node.v1.UpdateRequest;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes of environments. A machine is told while the row is locked, so that of two changes the
 * later one is also the later one there.
 */
final class Variables {
  private static final Logger LOG = LoggerFactory.getLogger(Variables.class);

  private final Store store;
  private final NodeClient node;
  private final SandboxStore table;
  private final Rows rows;
  private final ToldChanges told;

  Variables(Store store, NodeClient node, SandboxStore table, Rows rows, ToldChanges told) {
    this.told = told;
    this.store = store;
    this.node = node;
    this.table = table;
    this.rows = rows;
  }

  /**
   * Sets variables; commands that start from now on see them.
   *
   * @param hidden names of those whose values are not shown
   */
  Env set(Sandbox sandbox, Map<String, String> values, Set<String> hidden) {
    return rows.changeEnv(
        sandbox,
        told.ofEnv(sandbox, values.keySet()),
        env -> {
          Env next = env.with(values, hidden);
          tellSet(sandbox.id(), values);
          return next;
        });
  }

  /** Sets one whose value comes of a secret: it is never shown, and no copy of a sandbox has it. */
  void lend(Sandbox sandbox, String name, String value) {
    Map<String, String> set = Bounds.env(Map.of(name, value));
    rows.changeEnv(
        sandbox,
        told.ofEnv(sandbox, set.keySet()),
        env -> {
          Env next = env.lent(name, value);
          tell(setting(sandbox.id(), set).addLentEnv(name));
          return next;
        });
  }

  /** Removes a variable. */
  void unset(Sandbox sandbox, String name) {
    rows.changeEnv(
        sandbox,
        told.ofEnv(sandbox, Set.of(name)),
        env -> {
          tellUnset(sandbox.id(), name);
          return env.without(name);
        });
  }

  /**
   * Takes a lent variable back, in the transaction of the caller. The machine hears of it after
   * that, as soon as it can be told; a variable that its owner has set since then stays.
   */
  void withdraw(Tx tx, Sandbox sandbox, String name) {
    if (rows.changesEnv(
        tx, sandbox.id(), env -> env.hidden().contains(name) ? env.without(name) : env)) {
      tx.sql()
          .execute(
              """
              insert into withdrawn_env (sandbox_id, org, name) values (?, ?, ?)
              on conflict do nothing\
              """,
              sandbox.id(),
              tx.org().value(),
              name);
      tx.afterCommit(() -> tell(new Withdrawn(sandbox.org(), sandbox.id(), name)));
    }
  }

  private record Withdrawn(OrganizationId org, String sandboxId, String name) {}

  /** Tells the machines that could not be told before. */
  void tellWithdrawn() {
    List<Withdrawn> all =
        store.system(tx ->
            tx.sql()
                .fetch("select org, sandbox_id, name from withdrawn_env order by sandbox_id")
                .map(row ->
                    new Withdrawn(
                        new OrganizationId(row.get(0, String.class)),
                        row.get(1, String.class),
                        row.get(2, String.class))));
    all.forEach(this::tell);
  }

  private void tell(Withdrawn gone) {
    try {
      store.execute(
          gone.org(),
          tx -> {
            boolean living =
                table
                    .lock(tx, gone.sandboxId())
                    .filter(sandbox -> sandbox.state() != SandboxState.DESTROYED)
                    .isPresent();
            int due =
                tx.sql()
                    .execute(
                        "delete from withdrawn_env where sandbox_id = ? and name = ?",
                        gone.sandboxId(),
                        gone.name());
            if (living && due > 0 && !rows.env(tx, gone.sandboxId()).has(gone.name())) {
              tellUnset(gone.sandboxId(), gone.name());
            }
          });
    } catch (AtollException away) {
      LOG.warn("{} still has {}: {}", gone.sandboxId(), gone.name(), away.getMessage());
    }
  }

  private void tellSet(String sandboxId, Map<String, String> values) {
    tell(setting(sandboxId, values));
  }

  private static UpdateRequest.Builder setting(String sandboxId, Map<String, String> values) {
    return UpdateRequest.newBuilder().setId(sandboxId).putAllSetEnv(values);
  }

  private void tellUnset(String sandboxId, String name) {
    tell(UpdateRequest.newBuilder().setId(sandboxId).addUnsetEnv(name));
  }

  private void tell(UpdateRequest.Builder change) {
    node.workloads().update(change.build());
  }
}
