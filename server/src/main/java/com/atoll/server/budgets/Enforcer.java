package com.atoll.server.budgets;

import com.atoll.model.OrganizationId;
import com.atoll.server.billing.CreditAlerts;
import com.atoll.server.billing.Ledger;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Store;
import com.atoll.server.usage.Prices;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops what runs before a budget is spent: sandboxes are paused, with their files, when what is
 * left would not last until the next look. Nothing is ever deleted.
 */
final class Enforcer {
  private static final Logger LOG = LoggerFactory.getLogger(Enforcer.class);

  /** Two rounds of metering: what runs on is paid for until it is looked at again. */
  private static final long MARGIN_MS = 30_000;

  private final Store store;
  private final Prices prices;
  private final Sandboxes sandboxes;
  private final Set<String> pausing = ConcurrentHashMap.newKeySet();

  Enforcer(Store store, Prices prices, Sandboxes sandboxes) {
    this.store = store;
    this.prices = prices;
    this.sandboxes = sandboxes;
  }

  /** Looks at the budgets of an organization, whose use was just written down. */
  void look(OrganizationId org) {
    record Seen(List<Budget> budgets, boolean broke) {}
    Seen seen =
        store.system(tx -> {
          List<Budget> empty =
              BudgetTable.of(tx, org).stream()
                  .filter(budget -> isEmpty(budget, running(tx, org, budget)))
                  .toList();
          Ledger.Account account = Ledger.read(tx, org);
          boolean broke =
              account.prepaid()
                  && account.leftMicros()
                      < BudgetTable.running(tx, org, Scope.ORGANIZATION, "", prices, MARGIN_MS);
          return new Seen(empty, broke);
        });
    for (Budget budget : seen.budgets()) {
      tellOnce(budget);
      if (budget.pauses()) {
        pause(org, budget);
      }
    }
    if (seen.broke()) {
      store.executeSystem(tx -> CreditAlerts.usedUp(tx, org));
      sandboxes.running().stream()
          .filter(sandbox -> sandbox.org().equals(org))
          .forEach(sandbox -> pause(sandbox, "the credits of the organization"));
    }
  }

  /** Whether nothing is being paused. */
  boolean idle() {
    return pausing.isEmpty();
  }

  private long running(com.atoll.server.store.Tx tx, OrganizationId org, Budget budget) {
    return BudgetTable.running(tx, org, budget.scope(), budget.scopeId(), prices, MARGIN_MS);
  }

  private static boolean isEmpty(Budget budget, long running) {
    return budget.spentMicros() + running >= budget.capMicros()
        && (running > 0 || budget.spentMicros() >= budget.capMicros());
  }

  /** The cap is told of once in each period, also when nothing was spent beyond it. */
  private void tellOnce(Budget seen) {
    store.executeSystem(tx -> {
      Budget budget = BudgetTable.lock(tx, seen.id()).orElse(null);
      if (budget != null && budget.told() < Integer.MAX_VALUE) {
        tx.sql()
            .execute(
                "update budgets set told = ?, version = version + 2, period_start = ? where id = ?",
                Integer.MAX_VALUE,
                budget.periodStart(),
                budget.id());
        BudgetTable.event(tx, budget, "budget.cap_reached", budget.version() + 1, 0);
        // The name by which clients know it.
        BudgetTable.event(tx, budget, "billing.cap_reached", budget.version() + 2, 0);
      }
    });
  }

  private void pause(OrganizationId org, Budget budget) {
    Set<String> members =
        budget.scope() == Scope.MEMBER
            ? store.system(tx -> MemberUse.running(tx, org, budget.scopeId()))
            : Set.of();
    sandboxes.running().stream()
        .filter(sandbox -> sandbox.org().equals(org))
        .filter(sandbox ->
            members.contains(sandbox.id())
                || Objects.equals(budget.scopeId(), budget.scope().id(sandbox)))
        .forEach(sandbox -> pause(sandbox, budget.name()));
  }

  private void pause(Sandbox sandbox, String why) {
    if (!pausing.add(sandbox.id())) {
      return;
    }
    Thread.ofVirtual()
        .name("budget-" + sandbox.id())
        .start(() -> {
          try {
            sandboxes.pause(sandbox);
            LOG.info("Sandbox {} is paused: {} is used up.", sandbox.id(), why);
          } catch (RuntimeException failed) {
            LOG.debug("Sandbox {} is paused in the next round.", sandbox.id(), failed);
          } finally {
            pausing.remove(sandbox.id());
          }
        });
  }
}
