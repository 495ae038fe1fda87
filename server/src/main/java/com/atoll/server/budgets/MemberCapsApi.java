package com.atoll.server.budgets;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.atoll.server.usage.Usage;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What each member of an organization may spend in a month and run at once: a budget and a quota of
 * the person, for the sandboxes that the person's logins and keys make.
 */
final class MemberCapsApi {
  private final Store store;
  private final Limits limits;
  private final Leases leases;
  private final Usage usage;

  MemberCapsApi(Store store, Limits limits, Leases leases, Usage usage) {
    this.store = store;
    this.limits = limits;
    this.leases = leases;
    this.usage = usage;
  }

  /** What changes of a member's caps. */
  record Change(
      @Doc(
              value = "What the member may spend in a month, in cents; null for any amount.",
              min = 1,
              max = Budgets.MOST_CENTS)
          @Nullable Long usageCapCents,
      @Doc(
              value = "How many sandboxes of the member may run at once; null for any number.",
              min = 1,
              max = QuotasApi.MOST)
          @Nullable Integer maxConcurrentSandboxes) {}

  /** A member's caps and what is used of them. */
  record MemberCap(
      @Doc("Account of the member.") String userId,
      @Doc("E-mail address of the member.") String email,
      @Doc("What the member may spend in a month, in cents; null for any amount.")
          @Nullable Long usageCapCents,
      @Doc("How many sandboxes of the member may run at once; null for any number.")
          @Nullable Integer maxConcurrentSandboxes,
      @Doc("What the member's sandboxes have cost in this month, in cents.") double usedCents,
      @Doc("Sandboxes of the member that run now.") int running) {}

  /** All members. */
  record MemberCaps(@Doc("The members, by their e-mail addresses.") List<MemberCap> members) {}

  List<Operation<?, ?>> operations() {
    String one = "/tenants/:id/member-caps/:user_id";
    return List.of(
        declare(
                Operation.get("/tenants/:id/member-caps"),
                "list",
                "Lists what each member may spend and run.")
            .scope("organization:read")
            .ofWholeOrganization()
            .response(MemberCaps.class, Envelope.DATA)
            .handle(this::list),
        declare(Operation.put(one), "set", "Sets or clears the caps of a member.")
            .scope("organization:write")
            .ofWholeOrganization()
            .idempotency(Idempotency.NATURAL)
            .request(Change.class)
            .response(MemberCap.class, Envelope.DATA)
            .handle(this::set),
        declare(Operation.delete(one), "clear", "Clears the caps of a member.")
            .scope("organization:write")
            .ofWholeOrganization()
            .idempotency(Idempotency.NATURAL)
            .run(call -> {
              var _ = write(call, _ -> new QuotasApi.Limit(null, null, null, null));
            }));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("organizations.caps." + name)
        .summary(summary)
        .priority("P2")
        .errors(ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN);
  }

  private MemberCaps list(Call call) {
    requireUnconfined(call);
    usage.settle(call.principal().org());
    return store.transaction(
        call.principal(),
        tx -> {
          own(tx, call);
          return new MemberCaps(caps(tx));
        });
  }

  private MemberCap set(Call call, Change change) {
    return write(
        call,
        had ->
            new QuotasApi.Limit(
                null,
                call.has("max_concurrent_sandboxes")
                    ? change.maxConcurrentSandboxes()
                    : had.maxConcurrentSandboxes(),
                null,
                call.has("usage_cap_cents") ? change.usageCapCents() : had.usageCapCents()));
  }

  private MemberCap write(Call call, Function<MemberCap, QuotasApi.Limit> next) {
    call.principal().requireManager("member caps");
    requireUnconfined(call);
    OrganizationId org = call.principal().org();
    usage.settle(org);
    MemberCap cap =
        store.transaction(
            call.principal(),
            tx -> {
              own(tx, call);
              String user = call.path("user_id");
              // One change of a member's caps after another.
              if (tx.sql().fetchOne("select 1 from members where user_id = ? for update", user)
                  == null) {
                throw AtollException.of(ErrorCode.NOT_FOUND, "member " + user);
              }
              QuotasApi.put(tx, Scope.MEMBER, user, next.apply(cap(tx, user)));
              return cap(tx, user);
            });
    limits.changed(org);
    leases.forgetAll();
    return cap;
  }

  /** A key that acts for one end user learns nothing of the people of the organization. */
  private static void requireUnconfined(Call call) {
    if (call.principal().externalUser() != null) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the credential acts for one end user");
    }
  }

  private static MemberCap cap(Tx tx, String user) {
    return caps(tx).stream()
        .filter(cap -> cap.userId().equals(user))
        .findFirst()
        .orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "member " + user));
  }

  private static List<MemberCap> caps(Tx tx) {
    OrganizationId org = tx.org();
    Map<String, Integer> running = MemberUse.running(tx, org);
    Map<String, Long> spent = MemberUse.spent(tx, org, Budget.month());
    Map<String, Budget> budgets =
        BudgetTable.of(tx, org).stream()
            .filter(budget -> budget.scope() == Scope.MEMBER && budget.monthly())
            .collect(Collectors.toMap(Budget::scopeId, Function.identity()));
    Map<String, Quota> quotas =
        Quota.of(tx, org).stream()
            .filter(quota -> quota.scope() == Scope.MEMBER)
            .collect(Collectors.toMap(Quota::scopeId, Function.identity()));
    return tx.sql()
        .fetch("select user_id, email from members where org = ? order by email", org.value())
        .map(row -> {
          String user = row.get("user_id", String.class);
          Budget budget = budgets.get(user);
          Quota quota = quotas.get(user);
          return new MemberCap(
              user,
              row.get("email", String.class),
              budget == null ? null : Math.round(budget.capMicros() / Budget.MICROS),
              quota == null ? null : quota.maxConcurrent(),
              spent.getOrDefault(user, 0L) / Budget.MICROS,
              running.getOrDefault(user, 0));
        });
  }

  /** The organization in the path is the credential's, by id or slug. */
  private static void own(Tx tx, Call call) {
    String asked = call.path("id");
    String own = "select 1 from organizations where org = ? and (org = ? or slug = ?)";
    if (tx.sql().fetchOne(own, tx.org().value(), asked, asked) == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "organization " + asked);
    }
  }
}
