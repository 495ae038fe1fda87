package com.atoll.server.budgets;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.server.identity.Owner;
import com.atoll.server.sandboxes.Admission;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.atoll.server.usage.Prices;
import com.atoll.server.volumes.StorageLimit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Lets sandboxes run as long as budgets, credits and quotas allow it. */
final class Gatekeeper implements Admission, StorageLimit {
  private static final Hold NOTHING = () -> {};
  private static final int RETRY_SECONDS = 30;

  private final Store store;
  private final Limits limits;
  private final Leases leases;
  private final Prices prices;

  Gatekeeper(Store store, Limits limits, Leases leases, Prices prices) {
    this.store = store;
    this.limits = limits;
    this.leases = leases;
    this.prices = prices;
  }

  @Override
  public Hold admit(Sandbox sandbox, boolean made) {
    Limits.Of of = limits.of(sandbox.org());
    String maintenance = of.maintenance();
    if (maintenance != null && made) {
      throw AtollException.of(ErrorCode.MAINTENANCE, maintenance).retryAfter(RETRY_SECONDS);
    }
    String member = of.ofMembers() ? member(sandbox) : null;
    List<Quota> quotas =
        of.quotas().stream().filter(quota -> quota.covers(sandbox, member)).toList();
    if (!quotas.isEmpty()) {
      // What is refused here costs no machine. A create is checked again where it is stored.
      store.execute(
          sandbox.org(),
          tx -> quotas.forEach(quota -> quota.require(quota.had(tx), sandbox, made)));
    }
    return of.budgets().isEmpty() && !of.prepaid() ? NOTHING : hold(sandbox, member, of);
  }

  private @Nullable String member(Sandbox sandbox) {
    return store.system(tx -> Optional.ofNullable(MemberUse.of(tx, sandbox))).orElse(null);
  }

  private Hold hold(Sandbox sandbox, @Nullable String member, Limits.Of of) {
    OrganizationId org = sandbox.org();
    long price = prices.running(sandbox.shape(), Leases.HOLD_MS);
    List<String> taken = new ArrayList<>();
    Hold hold = () -> taken.forEach(key -> leases.settled(key, price));
    for (Budget budget : of.budgets()) {
      if (budget.covers(sandbox, member)) {
        if (!leases.take(budget, price)) {
          hold.close();
          throw AtollException.withMessage(
                  budget.scope() == Scope.MEMBER
                      ? ErrorCode.TEAM_MEMBER_CAP_REACHED
                      : ErrorCode.INSUFFICIENT_CREDITS,
                  "Too little is left of " + budget.name() + ".")
              .detail("budget_id", budget.id())
              .detail("scope", budget.scope().wire());
        }
        taken.add(budget.id());
      }
    }
    if (of.prepaid()) {
      if (!leases.takeCredits(org, price)) {
        hold.close();
        throw AtollException.of(ErrorCode.INSUFFICIENT_CREDITS);
      }
      taken.add(Leases.key(org));
    }
    return hold;
  }

  @Override
  public void check(Tx tx, Sandbox sandbox) {
    check(tx, sandbox, (quota, had) -> quota.require(had, sandbox, true));
  }

  @Override
  public void checkDisk(Tx tx, Sandbox sandbox, int moreMb) {
    check(tx, sandbox, (quota, had) -> quota.requireStorage(had, moreMb));
  }

  private void check(Tx tx, Sandbox sandbox, BiConsumer<Quota, Quota.Had> rule) {
    check(
        tx,
        sandbox.org(),
        quotas -> {
          boolean members = quotas.stream().anyMatch(quota -> quota.scope() == Scope.MEMBER);
          String member = members ? MemberUse.of(tx, sandbox) : null;
          return quotas.stream().filter(quota -> quota.covers(sandbox, member)).toList();
        },
        rule);
  }

  @Override
  public void check(Tx tx, Owner owner, int moreGb) {
    check(
        tx,
        tx.org(),
        quotas ->
            quotas.stream()
                .filter(quota -> quota.maxStorageGb() != null)
                .filter(quota -> quota.scopeId().equals(quota.scope().id(owner)))
                .toList(),
        (quota, had) -> quota.requireStorage(had, moreGb * 1024L));
  }

  private void check(
      Tx tx,
      OrganizationId org,
      UnaryOperator<List<Quota>> which,
      BiConsumer<Quota, Quota.Had> rule) {
    List<Quota> known = limits.quotas(tx, org);
    List<Quota> quotas = known.isEmpty() ? known : which.apply(known);
    if (quotas.isEmpty()) {
      return;
    }
    // A key that acts for one end user sees that user's rows only; a quota counts them all.
    String user = confine(tx, "");
    for (Quota quota : quotas) {
      quota.lock(tx);
      rule.accept(quota, quota.had(tx));
    }
    confine(tx, user);
  }

  /** Confines a transaction to another end user, and says to which it was. */
  private static String confine(Tx tx, String user) {
    return tx.sql()
        .fetchSingle(
            """
            select b.was, set_config('atoll.external_user', ?, true)
            from (select coalesce(current_setting('atoll.external_user', true), '') as was offset 0) b\
            """,
            user)
        .get(0, String.class);
  }
}
