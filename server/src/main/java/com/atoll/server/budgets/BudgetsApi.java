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
import com.atoll.server.http.Page;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.atoll.server.usage.Usage;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Budgets over HTTP. */
final class BudgetsApi {
  private final Store store;
  private final Limits limits;
  private final Leases leases;
  private final Usage usage;

  BudgetsApi(Store store, Limits limits, Leases leases, Usage usage) {
    this.store = store;
    this.limits = limits;
    this.leases = leases;
    this.usage = usage;
  }

  /** A budget to set. */
  record NewBudget(
      @Doc(
              value = "organization, workspace, external_workspace, external_user, run or member.",
              max = 30)
          String scope,
      @Doc(value = "Id of what it bounds; nothing for the organization.", max = 200)
          @Nullable String scopeId,
      @Doc(value = "month (the default) or total.", pattern = "month|total")
          @Nullable String period,
      @Doc(value = "What may be spent, in cents.", min = 0, max = Budgets.MOST_CENTS)
          @JsonAlias("monthly_cap_cents")
          long capCents,
      @Doc("Percentages at which an event tells of it; 50, 80 and 100 without it.")
          @Nullable List<Integer> thresholds,
      @Doc("pause (the default) or refuse.") @Nullable String atCap) {}

  /** What to change of a budget. */
  record BudgetChange(
      @Doc(value = "What may be spent, in cents.", min = 0, max = Budgets.MOST_CENTS)
          @JsonAlias("monthly_cap_cents")
          @Nullable Long capCents,
      @Doc("Percentages at which an event tells of it.") @Nullable List<Integer> thresholds,
      @Doc("refuse or pause.") @Nullable String atCap) {}

  /** The budget of a workspace. */
  record WorkspaceBudget(
      @Doc("The workspace.") String workspaceId,
      @Doc("What it may spend in a month, in cents; null without a budget.")
          @Nullable Long monthlyCapCents,
      @Doc("What it has spent in this month, in cents; null without a budget.")
          @Nullable Double spentCents,
      @Doc("refuse or pause; null without a budget.") @Nullable String atCap,
      @Doc("ok or capped.") String status) {
    static WorkspaceBudget of(String workspace, @Nullable BudgetView budget) {
      return budget == null
          ? new WorkspaceBudget(workspace, null, null, null, "ok")
          : new WorkspaceBudget(
              workspace,
              budget.monthlyCapCents(),
              budget.spentCents(),
              budget.atCap(),
              budget.status());
    }
  }

  /** The budget that a workspace is to have. */
  record WorkspaceCap(
      @Doc(
              value = "What it may spend in a month, in cents; null for no budget.",
              min = 0,
              max = Budgets.MOST_CENTS)
          @Nullable Long monthlyCapCents,
      @Doc("pause (the default) or refuse.") @Nullable String atCap) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        one(Operation.get("/budgets"), "list", "Lists budgets.")
            .query("scope", "Only those of this scope.")
            .query("scope_id", "Only those of this subject.")
            .list(BudgetView.class)
            .handle(this::list),
        one(Operation.post("/budgets"), "create", "Sets the budget of something, or replaces it.")
            .idempotency(Idempotency.KEY)
            .status(201)
            .request(NewBudget.class)
            .response(BudgetView.class, Envelope.FLAT_MIRROR)
            .handle(this::create),
        one(Operation.get("/budgets/:id"), "get", "Shows a budget.")
            .response(BudgetView.class, Envelope.FLAT_MIRROR)
            .handle(call -> {
              call.principal().requireManager("budgets");
              usage.settle(call.principal().org());
              return with(call, (tx, budget) -> BudgetView.of(budget));
            }),
        one(Operation.patch("/budgets/:id"), "update", "Changes a budget.")
            .idempotency(Idempotency.NATURAL)
            .request(BudgetChange.class)
            .response(BudgetView.class, Envelope.FLAT_MIRROR)
            .handle((call, body) ->
                changed(
                    call,
                    (tx, budget) ->
                        Budgets.change(
                            tx,
                            call.principal().org(),
                            budget,
                            body.capCents(),
                            Budgets.thresholds(body.thresholds()),
                            Budgets.pauses(body.atCap())))),
        one(
                Operation.delete("/budgets/:id"),
                "delete",
                "Deletes a budget: nothing is bounded by it.")
            .idempotency(Idempotency.NATURAL)
            .run(call -> {
              var _ =
                  changed(
                      call,
                      (tx, budget) -> {
                        Budgets.delete(tx, budget);
                        return budget;
                      });
            }),
        one(
                Operation.get("/workspaces/:id/budget"),
                "workspace_get",
                "Shows the budget of a workspace.")
            .response(WorkspaceBudget.class, Envelope.FLAT_MIRROR)
            .handle(this::workspace),
        one(
                Operation.put("/workspaces/:id/budget"),
                "workspace_set",
                "Sets the budget of a workspace.")
            .idempotency(Idempotency.NATURAL)
            .request(WorkspaceCap.class)
            .response(WorkspaceBudget.class, Envelope.FLAT_MIRROR)
            .handle(this::setWorkspace));
  }

  private static OperationBuilder<NoBody, NoBody> one(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("budgets." + name)
        .summary(summary)
        .priority("P2")
        .anyScope()
        .errors(ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN);
  }

  private Page<BudgetView> list(Call call) {
    call.principal().requireManager("budgets");
    String scope = call.query("scope");
    String subject = call.query("scope_id");
    return Page.whole(
        store
            .transaction(call.principal(), tx -> BudgetTable.of(tx, call.principal().org()))
            .stream()
            .filter(budget -> scope == null || budget.scope().wire().equals(scope))
            .filter(budget -> subject == null || budget.scopeId().equals(subject))
            .map(BudgetView::of)
            .toList());
  }

  private BudgetView create(Call call, NewBudget body) {
    call.principal().requireManager("budgets");
    OrganizationId org = call.principal().org();
    Scope scope = Scope.of(body.scope());
    String given = body.scopeId() == null ? "" : body.scopeId().strip();
    if (given.isEmpty() != (scope == Scope.ORGANIZATION)) {
      throw AtollException.invalid("scope_id", "must name what the budget is of");
    }
    usage.settle(org);
    BudgetView view =
        store.transaction(
            call.principal(),
            tx -> {
              String id = scope == Scope.WORKSPACE ? Budgets.held(tx, given) : given;
              Budget budget =
                  Budgets.put(
                      tx,
                      org,
                      scope,
                      id,
                      !"total".equals(body.period()),
                      body.capCents(),
                      Budgets.thresholds(body.thresholds()),
                      Budgets.pauses(body.atCap()));
              BudgetView made = BudgetView.of(budget);
              call.idempotentAnswer(tx, made, made.id());
              return made;
            });
    forget(org, view.id());
    return view;
  }

  private <T> T with(Call call, BiFunction<Tx, Budget, T> work) {
    OrganizationId org = call.principal().org();
    return store.transaction(
        call.principal(), tx -> work.apply(tx, BudgetTable.require(tx, org, call.path("id"))));
  }

  private BudgetView changed(Call call, BiFunction<Tx, Budget, Budget> change) {
    call.principal().requireManager("budgets");
    Budget changed =
        with(
            call,
            (tx, budget) -> change.apply(tx, BudgetTable.lock(tx, budget.id()).orElse(budget)));
    forget(call.principal().org(), changed.id());
    return BudgetView.of(changed);
  }

  private void forget(OrganizationId org, String id) {
    limits.changed(org);
    leases.forget(id);
  }

  private WorkspaceBudget workspace(Call call) {
    usage.settle(call.principal().org());
    return store.transaction(call.principal(), tx -> workspace(tx, call, call.path("id")));
  }

  private static WorkspaceBudget workspace(Tx tx, Call call, String reference) {
    String workspace = Budgets.workspace(tx, reference);
    return BudgetTable.of(tx, call.principal().org()).stream()
        .filter(budget -> budget.scope() == Scope.WORKSPACE && budget.monthly())
        .filter(budget -> budget.scopeId().equals(workspace))
        .findFirst()
        .map(budget -> WorkspaceBudget.of(workspace, BudgetView.of(budget)))
        .orElseGet(() -> WorkspaceBudget.of(workspace, null));
  }

  private WorkspaceBudget setWorkspace(Call call, WorkspaceCap body) {
    call.principal().requireManager("budgets");
    OrganizationId org = call.principal().org();
    Long cap = body.monthlyCapCents();
    if (cap == null && !call.has("monthly_cap_cents")) {
      throw AtollException.invalid("monthly_cap_cents", "is required");
    }
    usage.settle(org);
    WorkspaceBudget set =
        store.transaction(
            call.principal(),
            tx -> {
              String id = Budgets.held(tx, call.path("id"));
              if (cap != null) {
                var _ =
                    Budgets.put(
                        tx,
                        org,
                        Scope.WORKSPACE,
                        id,
                        true,
                        cap,
                        null,
                        Budgets.pauses(body.atCap()));
              } else {
                BudgetTable.of(tx, org).stream()
                    .filter(b -> b.scope() == Scope.WORKSPACE && b.monthly())
                    .filter(b -> b.scopeId().equals(id))
                    .forEach(b -> Budgets.delete(tx, b));
              }
              tx.afterCommit(() -> leases.forgetAll());
              return workspace(tx, call, id);
            });
    limits.changed(org);
    return set;
  }
}
