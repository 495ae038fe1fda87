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
import com.atoll.server.identity.Places;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.atoll.server.usage.Usage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Quotas of the customer's users, of workspaces and of the organization, over HTTP. */
final class QuotasApi {
  static final int MOST = 1_000_000_000;

  private final Store store;
  private final Limits limits;
  private final Leases leases;
  private final Usage usage;

  QuotasApi(Store store, Limits limits, Leases leases, Usage usage) {
    this.store = store;
    this.limits = limits;
    this.leases = leases;
    this.usage = usage;
  }

  /** Limits; null for none. */
  record Limit(
      @Doc(value = "Most sandboxes that are not destroyed.", min = 0, max = QuotasApi.MOST)
          @Nullable Integer maxSandboxes,
      @Doc(value = "Most that run at once.", min = 0, max = QuotasApi.MOST)
          @Nullable Integer maxConcurrent,
      @Doc(value = "Most gigabytes of disk and volumes.", min = 0, max = QuotasApi.MOST)
          @Nullable Integer maxStorageGb,
      @Doc(value = "Most that is spent in a month, in cents.", min = 0, max = Budgets.MOST_CENTS)
          @Nullable Long maxCreditCents) {}

  /** Limits and what is had. */
  record QuotaView(
      @Doc("Your customer's id of the user, when it is a user's.") @Nullable String externalUserId,
      @Doc("organization, workspace, external_workspace or external_user.") String scope,
      @Doc("Id of whose it is; empty for the organization.") String scopeId,
      @Doc("Most sandboxes that are not destroyed; null for any number.")
          @Nullable Integer maxSandboxes,
      @Doc("Most that run at once; null for any number.") @Nullable Integer maxConcurrent,
      @Doc("Most gigabytes of disk and volumes; null for any.") @Nullable Integer maxStorageGb,
      @Doc("Most that is spent in a month, in cents; null for any.") @Nullable Long maxCreditCents,
      @Doc("Sandboxes now.") long currentSandboxes,
      @Doc("Sandboxes that run now.") long currentConcurrent,
      @Doc("Gigabytes of disk and volumes now.") double currentStorageGb,
      @Doc("What was spent in this month, in cents; 0 without max_credit_cents.")
          double currentCreditCents) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        get("/quotas/external/:external_user_id", "get", Scope.EXTERNAL_USER),
        put("/quotas/external/:external_user_id", "set", Scope.EXTERNAL_USER),
        delete("/quotas/external/:external_user_id", "delete", Scope.EXTERNAL_USER),
        get("/quotas/workspaces/:workspace_id", "workspace_get", Scope.WORKSPACE),
        put("/quotas/workspaces/:workspace_id", "workspace_set", Scope.WORKSPACE),
        delete("/quotas/workspaces/:workspace_id", "workspace_delete", Scope.WORKSPACE),
        get("/quotas/organization", "organization_get", Scope.ORGANIZATION),
        put("/quotas/organization", "organization_set", Scope.ORGANIZATION),
        delete("/quotas/organization", "organization_delete", Scope.ORGANIZATION));
  }

  private Operation<?, ?> get(String path, String name, Scope scope) {
    return one(Operation.get(path), name, "Reads the quota of " + whose(scope) + ".")
        .response(QuotaView.class, Envelope.FLAT_MIRROR)
        .handle(call -> {
          requireOwn(call, scope);
          usage.settle(call.principal().org());
          return store.transaction(
              call.principal(), tx -> view(tx, scope, subject(tx, call, scope)));
        });
  }

  private Operation<?, ?> put(String path, String name, Scope scope) {
    return one(Operation.put(path), name, "Sets the quota of " + whose(scope) + ".")
        .idempotency(Idempotency.NATURAL)
        .request(Limit.class)
        .response(QuotaView.class, Envelope.FLAT_MIRROR)
        .handle((call, body) -> set(call, scope, body));
  }

  private Operation<?, ?> delete(String path, String name, Scope scope) {
    return one(Operation.delete(path), name, "Deletes the quota of " + whose(scope) + ".")
        .idempotency(Idempotency.NATURAL)
        .run(call -> {
          manager(call);
          store.execute(
              call.principal(),
              tx -> put(tx, scope, subject(tx, call, scope), new Limit(null, null, null, null)));
          limits.changed(call.principal().org());
          leases.forgetAll();
        });
  }

  private static OperationBuilder<NoBody, NoBody> one(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("quotas." + name)
        .summary(summary)
        .priority("P2")
        .anyScope()
        .errors(ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN, ErrorCode.INVALID_ID);
  }

  private static String whose(Scope scope) {
    return switch (scope) {
      case EXTERNAL_USER -> "a user of the customer";
      case WORKSPACE -> "a workspace";
      case ORGANIZATION, EXTERNAL_WORKSPACE, RUN, MEMBER -> "the organization";
    };
  }

  /** Somebody's end user knows of the own quota only. */
  private static void requireOwn(Call call, Scope scope) {
    String user = call.principal().externalUser();
    if (user != null
        && !(scope == Scope.EXTERNAL_USER && user.equals(call.rawPath("external_user_id")))) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the quota bounds somebody else");
    }
  }

  private static void manager(Call call) {
    call.principal().requireManager("quotas");
    if (call.principal().externalUser() != null) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "quotas are not set by whom they bound");
    }
  }

  private static String subject(Tx tx, Call call, Scope scope) {
    return switch (scope) {
      case EXTERNAL_USER -> user(call.rawPath("external_user_id"));
      case WORKSPACE -> Budgets.workspace(tx, call.path("workspace_id"));
      case ORGANIZATION, EXTERNAL_WORKSPACE, RUN, MEMBER -> "";
    };
  }

  /** The customer's ids are any text, within bounds. */
  private static String user(String text) {
    if (text.isBlank() || text.length() > 200 || text.indexOf('\0') >= 0) {
      throw AtollException.of(ErrorCode.INVALID_ID, "external_user_id");
    }
    return text;
  }

  private QuotaView set(Call call, Scope scope, Limit body) {
    manager(call);
    OrganizationId org = call.principal().org();
    usage.settle(org);
    QuotaView view =
        store.transaction(
            call.principal(),
            tx -> {
              String subject = subject(tx, call, scope);
              if (scope == Scope.WORKSPACE) {
                Places.hold(tx, subject, null);
              }
              put(tx, scope, subject, body);
              return view(tx, scope, subject);
            });
    limits.changed(org);
    leases.forgetAll();
    return view;
  }

  static void put(Tx tx, Scope scope, String subject, Limit limit) {
    OrganizationId org = tx.org();
    tx.sql()
        .execute(
            """
            insert into quotas (org, scope, scope_id, max_sandboxes, max_concurrent, max_storage_gb)
            values (?, ?, ?, ?, ?, ?)
            on conflict (org, scope, scope_id) do update set max_sandboxes = excluded.max_sandboxes,
              max_concurrent = excluded.max_concurrent, max_storage_gb = excluded.max_storage_gb,
              updated_at = now()\
            """,
            org.value(),
            scope.wire(),
            subject,
            limit.maxSandboxes(),
            limit.maxConcurrent(),
            limit.maxStorageGb());
    if (limit.maxSandboxes() == null
        && limit.maxConcurrent() == null
        && limit.maxStorageGb() == null) {
      tx.sql()
          .execute(
              "delete from quotas where org = ? and scope = ? and scope_id = ?",
              org.value(),
              scope.wire(),
              subject);
    }
    Long cents = limit.maxCreditCents();
    if (cents != null) {
      var _ = Budgets.put(tx, org, scope, subject, true, cents, null, null);
    } else {
      budget(tx, scope, subject).ifPresent(budget -> Budgets.delete(tx, budget));
    }
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("scope", scope.wire());
    data.put("scope_id", subject);
    data.put("max_sandboxes", limit.maxSandboxes());
    data.put("max_concurrent", limit.maxConcurrent());
    data.put("max_storage_gb", limit.maxStorageGb());
    data.put("max_credit_cents", cents);
    String id = subject.isEmpty() ? org.value() : subject;
    tx.event("quota.updated", "quota", id, System.currentTimeMillis(), data);
  }

  static Optional<Budget> budget(Tx tx, Scope scope, String subject) {
    return BudgetTable.of(tx, tx.org()).stream()
        .filter(budget -> budget.scope() == scope && budget.monthly())
        .filter(budget -> budget.scopeId().equals(subject))
        .findFirst();
  }

  private static QuotaView view(Tx tx, Scope scope, String subject) {
    Optional<Quota> found =
        tx.sql()
            .fetchOptional(
                "select * from quotas where org = ? and scope = ? and scope_id = ?",
                tx.org().value(),
                scope.wire(),
                subject)
            .map(Quota::of);
    Optional<Budget> budget = budget(tx, scope, subject);
    Quota.Had had = Quota.had(tx, tx.org().value(), scope, subject);
    return new QuotaView(
        scope == Scope.EXTERNAL_USER ? subject : null,
        scope.wire(),
        subject,
        found.map(Quota::maxSandboxes).orElse(null),
        found.map(Quota::maxConcurrent).orElse(null),
        found.map(Quota::maxStorageGb).orElse(null),
        budget.map(b -> Math.round(b.capMicros() / Budget.MICROS)).orElse(null),
        had.sandboxes(),
        had.running(),
        had.storageMb() / 1024.0,
        budget.map(b -> b.spentMicros() / Budget.MICROS).orElse(0.0));
  }
}
