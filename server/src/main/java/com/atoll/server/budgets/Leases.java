package com.atoll.server.budgets;

import com.atoll.model.Ids;
import com.atoll.model.OrganizationId;
import com.atoll.server.billing.Ledger;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.atoll.server.usage.Prices;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jooq.Record;

/**
 * What this process may admit by itself. A slice of a budget is taken from the database now and
 * then, so that a create decides in memory; whatever runs holds a minute of its price, and what
 * others have leased is theirs until their time is over.
 */
final class Leases {
  /** For how long a sandbox must be able to run to be let in. */
  static final long HOLD_MS = 60_000;

  private static final int SECONDS = 30;
  private static final long VALID_NANOS = TimeUnit.SECONDS.toNanos(25);
  private static final int SLICES = 8;
  private static final int MOST_HOLDS = 16;
  private static final String CREDITS = "credits ";

  private final Store store;
  private final Prices prices;
  private final String replica = Ids.next("rep");
  private final Map<String, Lease> leases = new ConcurrentHashMap<>();

  /** A slice of a budget. */
  private static final class Lease {
    long left;
    long inFlight;
    long until;
  }

  Leases(Store store, Prices prices) {
    this.store = store;
    this.prices = prices;
  }

  /** Takes a hold out of a budget; false when it does not have as much. */
  boolean take(Budget budget, long hold) {
    return take(budget.id(), new OrganizationId(budget.org()), hold);
  }

  /** Takes a hold out of the credits of an organization that pays beforehand. */
  boolean takeCredits(OrganizationId org, long hold) {
    return take(CREDITS + org.value(), org, hold);
  }

  /** What a hold was taken for is visible to all now, or never will be. */
  void settled(String key, long hold) {
    Lease lease = leases.get(key);
    if (lease != null) {
      synchronized (lease) {
        lease.inFlight = Math.max(0, lease.inFlight - hold);
      }
    }
  }

  static String key(OrganizationId org) {
    return CREDITS + org.value();
  }

  /** Forgets a slice, because its budget has changed. */
  void forget(String key) {
    Lease lease = leases.get(key);
    if (lease != null) {
      synchronized (lease) {
        lease.left = 0;
      }
    }
  }

  /** Forgets all slices; the next creates lease anew. */
  void forgetAll() {
    leases.keySet().forEach(this::forget);
  }

  private boolean take(String key, OrganizationId org, long hold) {
    Lease lease = leases.computeIfAbsent(key, k -> new Lease());
    synchronized (lease) {
      boolean valid = lease.until - System.nanoTime() > 0;
      if (!valid || lease.left < hold) {
        long now = System.nanoTime();
        lease.left = lease(key, org, hold, lease.inFlight);
        lease.until = now + VALID_NANOS;
        if (lease.left < hold) {
          return false;
        }
      }
      lease.left -= hold;
      lease.inFlight += hold;
      return true;
    }
  }

  /** Leases a slice; what it answers is less than the hold when there is not as much. */
  private long lease(String key, OrganizationId org, long hold, long inFlight) {
    return store.system(tx -> {
      boolean credits = key.startsWith(CREDITS);
      OptionalLong free = credits ? credits(tx, org) : budget(tx, key, org);
      if (free.isEmpty()) {
        // The budget is gone.
        return Long.MAX_VALUE;
      }
      long left = free.getAsLong() - inFlight;
      long slice = Math.max(hold, Math.min(left / SLICES, hold * MOST_HOLDS));
      if (left < hold) {
        return 0L;
      }
      if (!credits) {
        keep(tx, key, org, slice + inFlight);
      }
      return slice;
    });
  }

  private OptionalLong budget(Tx tx, String id, OrganizationId org) {
    Budget budget = BudgetTable.lock(tx, id).orElse(null);
    if (budget == null) {
      return OptionalLong.empty();
    }
    long reserved = BudgetTable.running(tx, org, budget.scope(), budget.scopeId(), prices, HOLD_MS);
    Record others =
        tx.sql()
            .fetchSingle(
                """
                select coalesce(sum(micros), 0) from budget_leases
                where budget_id = ? and replica <> ? and expires_at > now()\
                """,
                id,
                replica);
    return OptionalLong.of(
        budget.capMicros() - budget.spentMicros() - reserved - others.get(0, Long.class));
  }

  /** Credits have no slices of their own: the account is locked, so processes take turns. */
  private OptionalLong credits(Tx tx, OrganizationId org) {
    long left = Ledger.lock(tx, org).leftMicros();
    return OptionalLong.of(
        left - BudgetTable.running(tx, org, Scope.ORGANIZATION, "", prices, HOLD_MS));
  }

  private void keep(Tx tx, String budget, OrganizationId org, long micros) {
    tx.sql()
        .execute(
            """
            insert into budget_leases (budget_id, org, replica, micros, expires_at)
            values (?, ?, ?, ?, now() + make_interval(secs => ?))
            on conflict (budget_id, replica) do update set micros = excluded.micros,
              expires_at = excluded.expires_at\
            """,
            budget,
            org.value(),
            replica,
            micros,
            SECONDS);
  }

  /** Deletes leases whose time is over. */
  void sweep() {
    store.executeSystem(
        tx -> tx.sql().execute("delete from budget_leases where expires_at < now()"));
  }
}
