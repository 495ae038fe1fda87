package com.atoll.server.budgets;

import com.atoll.model.AtollException;
import com.atoll.model.OrganizationId;
import com.atoll.server.billing.Ledger;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What limits there are, in memory, so that a create of an organization without any asks nobody. A
 * change by this process counts at once, one by another within a second or two.
 */
final class Limits {
  private static final Logger LOG = LoggerFactory.getLogger(Limits.class);
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long USABLE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Store store;
  private final Map<OrganizationId, Entry> known = new ConcurrentHashMap<>();

  /** The limits of an organization. */
  record Of(
      List<Budget> budgets, List<Quota> quotas, boolean prepaid, @Nullable String maintenance) {
    /** Whether some of them are of members. */
    boolean ofMembers() {
      return budgets.stream().anyMatch(budget -> budget.scope() == Scope.MEMBER)
          || quotas.stream().anyMatch(quota -> quota.scope() == Scope.MEMBER);
    }
  }

  private record Entry(Of limits, long at, AtomicBoolean asked) {}

  Limits(Store store) {
    this.store = store;
  }

  Of of(OrganizationId org) {
    Entry entry = known.get(org);
    long age = entry == null ? 0 : System.nanoTime() - entry.at();
    if (entry == null || age > USABLE_NANOS) {
      return load(org);
    }
    if (age > FRESH_NANOS && entry.asked().compareAndSet(false, true)) {
      Thread.ofVirtual()
          .start(() -> {
            try {
              load(org);
            } catch (AtollException away) {
              LOG.debug("The limits of {} stay as they were: {}", org.value(), away.getMessage());
            }
          });
    }
    return entry.limits();
  }

  /**
   * The quotas of an organization, for its own transaction: nothing is asked when there are none.
   */
  List<Quota> quotas(Tx tx, OrganizationId org) {
    Entry entry = known.get(org);
    return entry != null && entry.limits().quotas().isEmpty() ? List.of() : Quota.of(tx, org);
  }

  /** Limits of an organization have changed, or, without one, of all. */
  void changed(@Nullable OrganizationId org) {
    if (org == null) {
      known.clear();
    } else {
      known.remove(org);
    }
  }

  private Of load(OrganizationId org) {
    long at = System.nanoTime();
    Of limits =
        store.system(tx ->
            new Of(
                BudgetTable.of(tx, org),
                Quota.of(tx, org),
                Ledger.read(tx, org).prepaid(),
                maintenance(tx)));
    known.put(org, new Entry(limits, at, new AtomicBoolean()));
    return limits;
  }

  /** Why no new work is taken; null when it is. */
  static @Nullable String maintenance(Tx tx) {
    Record row = tx.sql().fetchOne("select message from maintenance where org = ''");
    return row == null ? null : row.get(0, String.class);
  }
}
