package com.atoll.server.budgets;

import com.atoll.model.OrganizationId;
import com.atoll.server.billing.Ledger;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Operation;
import com.atoll.server.identity.Operators;
import com.atoll.server.sandboxes.Admission;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.atoll.server.usage.Usage;
import com.atoll.server.volumes.StorageLimit;
import java.util.ArrayList;
import java.util.List;

/** Budgets, quotas and maintenance: what new work must pass, and what is paused at a cap. */
public final class BudgetsCapability implements Capability {
  private final Store store;
  private final Limits limits;
  private final Leases leases;
  private final Gatekeeper gatekeeper;
  private final List<Operation<?, ?>> operations = new ArrayList<>();

  /** The limits of a store's organizations, on what {@code usage} writes down. */
  public BudgetsCapability(Store store, Usage usage, Sandboxes sandboxes) {
    this.store = store;
    limits = new Limits(store);
    leases = new Leases(store, usage.prices());
    gatekeeper = new Gatekeeper(store, limits, leases, usage.prices());
    usage.book().onSpent(BudgetTable::spend);
    usage.afterSettled(new Enforcer(store, usage.prices(), sandboxes)::look);
    operations.addAll(new BudgetsApi(store, limits, leases, usage).operations());
    operations.addAll(new QuotasApi(store, limits, leases, usage).operations());
    operations.addAll(new MemberCapsApi(store, limits, leases, usage).operations());
    operations.addAll(new MaintenanceApi(store, limits, new Operators(store)).operations());
  }

  /** Who lets sandboxes run. */
  public Admission admission() {
    return gatekeeper;
  }

  /** Who lets volumes be as large as they are asked for. */
  public StorageLimit storage() {
    return gatekeeper;
  }

  /** Removes what bounds a workspace with it. */
  public void ends(Tx tx, String workspace) {
    BudgetTable.of(tx, tx.org()).stream()
        .filter(budget -> budget.scope() == Scope.WORKSPACE && budget.scopeId().equals(workspace))
        .forEach(budget -> Budgets.delete(tx, budget));
    tx.sql()
        .execute(
            "delete from quotas where org = ? and scope = ? and scope_id = ?",
            tx.org().value(),
            Scope.WORKSPACE.wire(),
            workspace);
    OrganizationId org = tx.org();
    tx.afterCommit(() -> {
      limits.changed(org);
      leases.forgetAll();
    });
  }

  /** Deletes leases and ends grants whose time is over. */
  public void sweep() {
    leases.sweep();
    store.executeSystem(Ledger::expire);
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return operations;
  }
}
