package com.atoll.server.budgets;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.model.SandboxId;
import com.atoll.model.SandboxState;
import com.atoll.model.Shape;
import com.atoll.server.billing.Ledger;
import com.atoll.server.sandboxes.Admission;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.atoll.server.testing.Installations;
import com.atoll.server.usage.Prices;
import com.atoll.server.usage.UsageCapability;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What one API server does with budgets and use: clients create sandboxes, a meter writes use down
 * and pauses at caps, somebody gives credits. As a program it does so until it is killed, and now
 * and then ends by itself in the middle of a transaction.
 */
final class Replica {
  static final Shape SHAPE = new Shape(2, 4096, 10_240, Optional.empty());
  private static final int CLIENTS = 3;
  private static final long ROUND_NANOS = 20_000_000;
  private static final int ENDS_ONE_IN = 400;

  private final Store store;
  private final OrganizationId org;
  private final UsageCapability usage;
  private final Gatekeeper gatekeeper;
  private final Enforcer enforcer;
  private final Leases leases;
  final long hold;

  Replica(Store store, Prices prices, OrganizationId org) {
    this.store = store;
    this.org = org;
    usage = new UsageCapability(store, prices);
    usage.book().onSpent(BudgetTable::spend);
    leases = new Leases(store, prices);
    gatekeeper = new Gatekeeper(store, new Limits(store), leases, prices);
    enforcer = new Enforcer(store, prices, new RowsOnly(store));
    hold = prices.running(SHAPE, Leases.HOLD_MS);
  }

  /** {@code HOME RUN ORG work|hoard SEED [BUDGET]}. */
  public static void main(String[] arguments) throws Exception {
    var installation = Installations.in(Path.of(arguments[0]), Path.of(arguments[1]));
    Store store = Store.of(installation);
    store.migrate();
    Replica replica = new Replica(store, Prices.of(installation), new OrganizationId(arguments[2]));
    Random random = new Random(Long.parseLong(arguments[4]));
    if (arguments[3].equals("hoard")) {
      replica.hoard(arguments[5]);
    }
    replica.usage.book().onSpent((tx, of, events) -> replica.endSometimes(random));
    for (int i = 0; i < CLIENTS; i++) {
      Random own = new Random(random.nextLong());
      Thread.ofPlatform().start(() -> replica.create(own));
    }
    Thread.ofPlatform().start(() -> replica.give(new Random(random.nextLong())));
    System.out.println("ready");
    while (true) {
      replica.round();
      replica.endSometimes(random);
      LockSupport.parkNanos(ROUND_NANOS);
    }
  }

  private void endSometimes(Random random) {
    if (random.nextInt(ENDS_ONE_IN) == 0) {
      Runtime.getRuntime().halt(137);
    }
  }

  /** Takes all that it gets of a budget, tells how much that was, and holds it. */
  private void hoard(String budgetId) {
    Budget budget = store.system(tx -> BudgetTable.require(tx, org, budgetId));
    int taken = 0;
    while (leases.take(budget, hold)) {
      taken++;
    }
    System.out.println(taken);
    LockSupport.park();
  }

  /** A round of metering, and what follows from it. */
  void round() {
    usage.settle(org);
    enforcer.look(org);
  }

  /** Whether everything that had to be paused is. */
  boolean quiet() {
    return enforcer.idle();
  }

  private void give(Random random) {
    for (int i = 0; ; i++) {
      String reference = ProcessHandle.current().pid() + "-" + i;
      int amount = 1 + random.nextInt(2);
      store.executeSystem(tx -> {
        var _ = Ledger.grant(tx, org, Ledger.Type.PROMO, amount, "test", reference, null, null);
        endSometimes(random);
      });
      LockSupport.parkNanos(300_000_000);
    }
  }

  private void create(Random random) {
    while (true) {
      Sandbox sandbox = sandbox(random);
      try (Admission.Hold _ = gatekeeper.admit(sandbox, true)) {
        store.executeSystem(tx -> {
          gatekeeper.check(tx.within(org), sandbox);
          insert(tx, sandbox);
        });
        LockSupport.parkNanos(random.nextLong(3_000_000));
      } catch (AtollException refused) {
        if (refused.code() != ErrorCode.INSUFFICIENT_CREDITS
            && refused.code() != ErrorCode.QUOTA_EXCEEDED) {
          refused.printStackTrace();
        }
        LockSupport.parkNanos(10_000_000);
      }
    }
  }

  /** Where the sandboxes of an organization are. */
  static String workspace(OrganizationId org) {
    return "workspace of " + org.value();
  }

  private Sandbox sandbox(Random random) {
    @Nullable String none = null;
    OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC);
    Map<String, Object> metadata = random.nextBoolean() ? Map.of("run_id", "run-0") : Map.of();
    return new Sandbox(
        SandboxId.next().value(),
        org,
        "slug",
        "test",
        SandboxState.RUNNING,
        1,
        "test",
        SHAPE,
        "container",
        new Sandbox.Owner(
            "key",
            workspace(org),
            none,
            none,
            "project",
            none,
            none,
            random.nextBoolean() ? "customer-0" : null,
            "user-" + random.nextInt(3),
            none),
        true,
        false,
        0,
        0,
        null,
        metadata,
        List.of(),
        none,
        none,
        none,
        null,
        none,
        0,
        0,
        now,
        now,
        null,
        null,
        null,
        null);
  }

  private static void insert(Tx tx, Sandbox sandbox) {
    tx.sql()
        .execute(
            """
            insert into sandboxes (id, org, slug, name, state, template_id, cpu_count, memory_mb, disk_size_mb,
              workspace_id, project_id, owner_id, external_workspace_id, external_user_id, metadata, persistent,
              always_on, timeout_sec, idle_timeout_sec, running_since)
            values (?, ?, ?, 'test', 'running', 'test', ?, ?, 10240, ?, ?, 'key', ?, ?, cast(? as jsonb), true, false,
              0, 0, now())\
            """,
            sandbox.id(),
            sandbox.org().value(),
            sandbox.id(),
            SHAPE.cpus(),
            SHAPE.memoryMb(),
            sandbox.owner().workspaceId(),
            sandbox.owner().projectId(),
            sandbox.owner().externalWorkspaceId(),
            sandbox.owner().externalUserId(),
            sandbox.metadata().isEmpty() ? "{}" : "{\"run_id\": \"run-0\"}");
  }
}
