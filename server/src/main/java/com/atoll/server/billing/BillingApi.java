package com.atoll.server.billing;

import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.store.Store;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Balance and limits over HTTP. */
public final class BillingApi implements Capability {
  private final Store store;
  private final List<UsageCounts> counts;

  /** The API of a store; {@code counts} say what is used. */
  public BillingApi(Store store, List<UsageCounts> counts) {
    this.store = store;
    this.counts = counts;
  }

  @Override
  public List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>();
    all.add(
        Operation.get("/credits/balance")
            .id("billing.balance")
            .summary("Reads the balance of the organization.")
            .priority("P1")
            .anyScope()
            .response(BalanceView.class, Envelope.FLAT_MIRROR)
            .handle(this::balance));
    all.add(
        Operation.get("/limits")
            .id("billing.limits")
            .summary("Reads the limits of the organization that a create would bill.")
            .priority("P2")
            .anyScope()
            .response(LimitsView.class, Envelope.DATA)
            .handle(this::limits));
    all.add(
        later(Operation.get("/credits/transactions"), "transactions", "Lists movements.", "P2"));
    all.add(later(Operation.get("/credits/usage"), "usage", "Sums what was spent.", "P2"));
    all.add(later(Operation.get("/bill-to"), "bill_to.show", "Says who pays for creates.", "P3"));
    all.add(later(Operation.put("/bill-to"), "bill_to.update", "Sets who pays for creates.", "P3"));
    all.add(later(Operation.delete("/bill-to"), "bill_to.clear", "Forgets who pays.", "P3"));
    all.add(later(Operation.get("/billing/plan"), "plan", "Reads the plan.", "P3"));
    all.add(later(Operation.get("/billing/usage"), "usage_report", "Reads the usage.", "P3"));
    all.add(later(Operation.get("/billing/overview"), "overview", "Sums up the account.", "P3"));
    all.add(later(Operation.get("/billing/settings"), "settings.get", "Reads auto-reload.", "P3"));
    all.add(later(Operation.put("/billing/settings"), "settings.put", "Sets auto-reload.", "P3"));
    all.add(
        later(
            Operation.put("/billing/payment-methods/:method_id/default"),
            "payment_methods.default",
            "Chooses a payment method.",
            "P3"));
    all.add(later(Operation.get("/billing/invoices"), "invoices.list", "Lists invoices.", "P4"));
    all.add(
        later(Operation.get("/billing/invoices/:invoice_id"), "invoices.get", "Reads one.", "P4"));
    all.add(
        later(
            Operation.get("/billing/payment-methods"),
            "payment_methods.list",
            "Lists them.",
            "P4"));
    all.add(later(Operation.get("/billing/upcoming"), "upcoming", "Foresees the invoice.", "P4"));
    return all;
  }

  private static Operation<?, ?> later(
      OperationBuilder<NoBody, NoBody> declared, String name, String summary, String priority) {
    return declared.id("billing." + name).summary(summary).priority(priority).notImplemented();
  }

  private BalanceView balance(Call call) {
    String plan =
        store.transaction(
            call.principal(),
            tx -> tx.sql().fetchSingle("select plan from organizations").get(0, String.class));
    return new BalanceView(call.principal().org().value(), 0, 0, 0, 0, null, null, plan, null);
  }

  private LimitsView limits(Call call) {
    Map<String, Integer> usage =
        store.transaction(
            call.principal(),
            tx -> {
              Map<String, Integer> sum = new LinkedHashMap<>();
              counts.forEach(c -> sum.putAll(c.count(tx)));
              return sum;
            });
    return new LimitsView(call.principal().org().value(), null, null, 600, usage);
  }
}
