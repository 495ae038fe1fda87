package com.atoll.server.billing;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.identity.Operators;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jooq.Record;

/** Balance, limits and who pays, over HTTP. */
public final class BillingApi implements Capability {
  private static final double MICROS = 1_000_000;

  private final Store store;
  private final List<UsageCounts> counts;

  /** The API of a store; {@code counts} say what is used. */
  public BillingApi(Store store, List<UsageCounts> counts) {
    this.store = store;
    this.counts = counts;
  }

  @Override
  public List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>(new CreditsApi(store).operations());
    all.addAll(new CreditsAdminApi(store, new Operators(store)).operations());
    all.addAll(new PayerApi(store).operations());
    all.addAll(new LimitsApi(store, counts).operations());
    all.add(
        read(Operation.get("/billing/plan"), "plan", "Reads the plan.", "P3")
            .response(AccountViews.Plan.class, Envelope.FLAT_MIRROR)
            .handle(this::plan));
    all.add(
        read(Operation.get("/billing/overview"), "overview", "Sums up the account.", "P3")
            .response(AccountViews.Overview.class, Envelope.FLAT_MIRROR)
            .handle(this::overview));
    all.add(
        read(
                Operation.get("/billing/payment-methods"),
                "payment_methods.list",
                "Lists payment methods: none, as the installation takes no payments itself.",
                "P4")
            .list(AccountViews.PaymentMethod.class)
            .handle(call -> Page.whole(List.of())));
    all.add(
        Operation.put("/billing/payment-methods/:method_id/default")
            .id("billing.payment_methods.default")
            .summary("Chooses a payment method; there are none, as payments are taken elsewhere.")
            .priority("P3")
            .anyScope()
            .idempotency(com.atoll.server.http.Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND)
            .response(AccountViews.PaymentMethod.class, Envelope.FLAT_MIRROR)
            .handle(call -> {
              throw AtollException.of(
                  ErrorCode.NOT_FOUND, "payment method " + call.path("method_id"));
            }));
    all.add(later(Operation.get("/billing/invoices"), "invoices.list", "Lists invoices.", "P4"));
    all.add(
        later(Operation.get("/billing/invoices/:invoice_id"), "invoices.get", "Reads one.", "P4"));
    all.add(later(Operation.get("/billing/upcoming"), "upcoming", "Foresees the invoice.", "P4"));
    return all;
  }

  private static OperationBuilder<NoBody, NoBody> read(
      OperationBuilder<NoBody, NoBody> declared, String name, String summary, String priority) {
    return declared
        .id("billing." + name)
        .summary(summary)
        .priority(priority)
        .anyScope()
        .ofWholeOrganization();
  }

  private static Operation<?, ?> later(
      OperationBuilder<NoBody, NoBody> declared, String name, String summary, String priority) {
    return declared.id("billing." + name).summary(summary).priority(priority).notImplemented();
  }

  private AccountViews.Plan plan(Call call) {
    return store.transaction(
        call.principal(),
        tx -> {
          Record row = tx.sql().fetchSingle("select org, name, plan, status from organizations");
          boolean prepaid = Ledger.read(tx, call.principal().org()).prepaid();
          return new AccountViews.Plan(
              row.get("org", String.class),
              row.get("name", String.class),
              row.get("plan", String.class),
              row.get("status", String.class),
              prepaid ? "prepaid" : "postpaid");
        });
  }

  private AccountViews.Overview overview(Call call) {
    return store.transaction(
        call.principal(),
        tx -> {
          BalanceView balance = CreditsApi.balance(tx, call.principal().org());
          Record budget =
              tx.sql()
                  .fetchOne(
                      """
                      select cap_micros from budgets
                      where org = ? and scope = 'organization' and period = 'month'\
                      """,
                      call.principal().org().value());
          return new AccountViews.Overview(
              balance.balanceCredits(),
              budget == null ? null : Math.round(budget.get(0, Long.class) / MICROS),
              balance.balanceCredits(),
              balance.owedCredits(),
              month(tx, call.principal().org()));
        });
  }

  private static long month(Tx tx, OrganizationId org) {
    LocalDate first = LocalDate.now(ZoneOffset.UTC).withDayOfMonth(1);
    return Math.round(
        tx.sql()
                .fetchSingle(
                    "select coalesce(sum(cost_micros), 0) from usage_months where org = ? and month = ?",
                    org.value(),
                    first)
                .get(0, Long.class)
            / MICROS);
  }
}
