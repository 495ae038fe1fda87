package com.atoll.server.billing;

import com.atoll.model.OrganizationId;
import com.atoll.server.store.Event;
import com.atoll.server.store.Tx;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jooq.Record;

/**
 * Tells an organization that pays beforehand that its credits end: once when they are low, once
 * when they are used up, and once when there are enough again.
 */
public final class CreditAlerts {
  /** Below so many credits they are low, unless the organization set its own number. */
  static final long LOW = 500;

  private static final int ENOUGH = 0;
  private static final int FEW = 1;
  private static final int NONE = 2;

  private CreditAlerts() {}

  /** Looks at an account that has less than before; its row is locked. */
  static void spent(Tx tx, OrganizationId org) {
    State state = State.read(tx, org);
    if (state.level() > state.told()) {
      tell(tx, org, state, state.level());
    }
  }

  /** Looks at an account that may have more than before; its row is locked. */
  static void refilled(Tx tx, OrganizationId org) {
    State state = State.read(tx, org);
    if (state.level() != state.told()) {
      tell(tx, org, state, state.level());
    }
  }

  /** What is left is not enough for what runs: work stops as if it were nothing. */
  public static void usedUp(Tx tx, OrganizationId org) {
    // Most often it was told before, and nobody needs to wait for the account.
    if (State.read(tx, org).told() == NONE) {
      return;
    }
    var _ = Ledger.lock(tx, org);
    State state = State.read(tx, org);
    if (state.told() < NONE) {
      tell(tx, org, state, NONE);
    }
  }

  private record State(long credits, long low, boolean prepaid, int told, long version) {
    static State read(Tx tx, OrganizationId org) {
      Record row =
          tx.sql()
              .fetchSingle(
                  """
                  select mode, told, told_version,
                    coalesce(cast(settings ->> 'auto_recharge_threshold_credits' as bigint), 0) as low
                  from billing_accounts where org = ?\
                  """,
                  org.value());
      long low = row.get("low", Long.class);
      return new State(
          Ledger.balance(tx, org, "credits"),
          low == 0 ? LOW : low,
          row.get("mode", String.class).equals("prepaid"),
          row.get("told", Integer.class),
          row.get("told_version", Long.class));
    }

    int level() {
      if (!prepaid || credits >= low) {
        return ENOUGH;
      }
      return credits > 0 ? FEW : NONE;
    }
  }

  private static void tell(Tx tx, OrganizationId org, State state, int level) {
    tx.sql()
        .execute(
            "update billing_accounts set told = ?, told_version = ? where org = ?",
            level,
            state.version() + 1,
            org.value());
    if (level < state.told() && level != ENOUGH) {
      return;
    }
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("balance_credits", state.credits());
    data.put("threshold_credits", state.low());
    data.put("message", message(level, state));
    String type =
        switch (level) {
          case ENOUGH -> "billing.credits_restored";
          case FEW -> "billing.credits_low";
          default -> "billing.cap_reached";
        };
    tx.event(org, Event.of(type, "credits", org.value(), state.version() + 1, data));
  }

  private static String message(int level, State state) {
    return switch (level) {
      case ENOUGH -> "There are enough credits again: " + state.credits() + ".";
      case FEW -> "Only " + state.credits() + " credits are left, fewer than " + state.low() + ".";
      default -> "The credits are used up: new work is refused and sandboxes are paused.";
    };
  }
}
