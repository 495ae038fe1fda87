package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.OrganizationId;
import com.atoll.model.SandboxState;
import com.atoll.node.v1.UpdateRequest;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes of times and environments, which a machine is told of before their row is committed. Each
 * is noted first, and the note goes in the transaction of the change: where one is left, the change
 * was cut off in between, and the machine is given again what the row says.
 */
final class ToldChanges {
  private static final Logger LOG = LoggerFactory.getLogger(ToldChanges.class);
  private static final String PREFIX = "tch";

  private final Store store;
  private final NodeClient node;
  private final SandboxStore table;
  private final Rows rows;

  ToldChanges(Store store, NodeClient node, SandboxStore table, Rows rows) {
    this.store = store;
    this.node = node;
    this.table = table;
    this.rows = rows;
  }

  /** A change that begins; it is over with the transaction that {@link #end} is called in. */
  record Note(String id) {
    void end(Tx tx) {
      if (!taken(tx, id)) {
        // It took so long that it was believed to be cut off.
        throw AtollException.of(ErrorCode.CONFLICT, "another request changed the same resource");
      }
    }
  }

  /**
   * A note that was left.
   *
   * @param lends whether the variables are of secrets, which nobody had kept when they were set
   */
  private record Left(
      String id,
      OrganizationId org,
      String sandboxId,
      boolean times,
      List<String> names,
      boolean lends,
      long version,
      @Nullable OffsetDateTime expiresAt) {}

  Note ofTimes(Sandbox sandbox) {
    return begin(sandbox, true, List.of());
  }

  Note ofEnv(Sandbox sandbox, Collection<String> names) {
    return begin(sandbox, false, names);
  }

  private Note begin(Sandbox sandbox, boolean times, Collection<String> names) {
    String id = Ids.next(PREFIX);
    store.execute(
        sandbox.org(),
        tx ->
            tx.sql()
                .execute(
                    """
                    insert into told_changes
                      (id, sandbox_id, org, times, env_names, version, expires_at)
                    select ?, id, org, ?, cast(? as text[]), version, expires_at
                    from sandboxes where id = ?\
                    """,
                    id,
                    times,
                    names.toArray(String[]::new),
                    sandbox.id()));
    return new Note(id);
  }

  private static boolean taken(Tx tx, String id) {
    return tx.sql().execute("delete from told_changes where id = ?", id) == 1;
  }

  /** Gives machines what their rows say, where a change of that was cut off. */
  void settle() {
    List<Left> all =
        store.system(tx ->
            tx.sql()
                .fetch(
                    """
                    select * from told_changes where begun_at < now() - interval '1 second'
                    order by begun_at\
                    """)
                .map(ToldChanges::read));
    all.forEach(this::settle);
  }

  private static Left read(Record row) {
    return new Left(
        row.get("id", String.class),
        new OrganizationId(row.get("org", String.class)),
        row.get("sandbox_id", String.class),
        row.get("times", Boolean.class),
        Arrays.asList(row.get("env_names", String[].class)),
        row.get("lends", Boolean.class),
        row.get("version", Long.class),
        row.get("expires_at", OffsetDateTime.class));
  }

  private void settle(Left left) {
    try {
      store.execute(
          left.org(),
          tx -> {
            // One that is under way holds the row, and takes its note with it when the row is free.
            Optional<Sandbox> living =
                table
                    .lock(tx, left.sandboxId())
                    .filter(sandbox -> sandbox.state() != SandboxState.DESTROYED);
            if (taken(tx, left.id()) && living.isPresent()) {
              give(tx, living.get(), left);
            }
          });
    } catch (AtollException away) {
      LOG.info("{} is not given its own again now: {}", left.sandboxId(), away.getMessage());
    } catch (RuntimeException failed) {
      LOG.warn("{} is not given its own again.", left.sandboxId(), failed);
    }
  }

  private void give(Tx tx, Sandbox sandbox, Left left) {
    UpdateRequest.Builder update = UpdateRequest.newBuilder().setId(sandbox.id());
    if (left.times()) {
      OffsetDateTime end =
          sandbox.version() == left.version() ? left.expiresAt() : sandbox.expiresAt();
      update
          .setLifetimeMs(Changes.NONE.lifetimeOf(sandbox) * 1000L)
          .setIdleTimeoutMs(Changes.NONE.idleOf(sandbox) * 1000L)
          .setDestroyOnTimeout(!sandbox.persistent())
          .setTimeoutMs(leftMs(sandbox, end));
    }
    if (!left.names().isEmpty()) {
      if (left.lends()) {
        rows.changesEnv(tx, sandbox.id(), env -> env.knownLent(left.names()));
      }
      Env env = rows.env(tx, sandbox.id());
      for (String name : left.names()) {
        String value = env.values().get(name);
        if (value == null) {
          update.addUnsetEnv(name);
        } else {
          update.putSetEnv(name, value);
        }
        if (env.isLent(name)) {
          update.addLentEnv(name);
        }
      }
    }
    LOG.info("A change of {} was cut off; its machine is told what the row says.", sandbox.id());
    try {
      var _ = node.workloads().update(update.build());
    } catch (AtollException refused) {
      // What has no machine gets what its row says with the next one.
      if (refused.code() != ErrorCode.NOT_FOUND && refused.code() != ErrorCode.SANDBOX_NOT_FOUND) {
        throw refused;
      }
    }
  }

  /** What is left of its time; one that does not run has all of it when it does. */
  private static long leftMs(Sandbox sandbox, @Nullable OffsetDateTime end) {
    if (sandbox.state() != SandboxState.RUNNING) {
      return Changes.NONE.lifetimeOf(sandbox) * 1000L;
    }
    if (sandbox.alwaysOn() || end == null) {
      return 0;
    }
    return Math.max(1, Duration.between(Planner.now(), end).toMillis());
  }
}
