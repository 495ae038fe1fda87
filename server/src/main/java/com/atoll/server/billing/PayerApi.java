package com.atoll.server.billing;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Json;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.List;
import org.jooq.JSONB;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who pays for creates, and whether credits are topped up. A credential acts in one organization,
 * so that is the one which can pay.
 */
final class PayerApi {
  private static final String TOP_UP = "auto_recharge_";

  private final Store store;

  PayerApi(Store store) {
    this.store = store;
  }

  /** Who is to pay. */
  record BillTo(
      @Doc(value = "Id, slug or name of the organization.", min = 1, max = 200) String org) {}

  /** An organization that can pay. */
  record Choice(@Doc("Id.") String id, @Doc("Name.") String name, @Doc("Slug.") String slug) {}

  /** Who pays. */
  record Payer(
      @Doc("Who pays.") Choice organization,
      @Doc("setting or credential: what says so.") String source,
      @Doc("Who can pay.") List<Choice> choices) {}

  /** How credits are to be topped up. */
  record TopUp(
      @Doc("Whether they are to be; true needs a payment method, which there is not.")
          @Nullable Boolean autoRechargeEnabled,
      @Doc(
              value = "Below how many credits; an event billing.credits_low tells of it.",
              min = 0,
              max = 1_000_000_000)
          @Nullable Long autoRechargeThresholdCredits,
      @Doc(value = "By how many.", min = 0, max = 1_000_000_000)
          @Nullable Long autoRechargeAmountCredits,
      @Doc(value = "By how many in a month at most.", min = 0, max = 1_000_000_000)
          @Nullable Long autoRechargeMonthlyCapCredits) {}

  /** How credits are topped up. */
  record TopUpView(
      @Doc("Id of the organization.") String tenantId,
      @Doc("Whether they are topped up: never, as the installation takes no payments itself.")
          boolean autoRechargeEnabled,
      @Doc("Whether that was asked for.") boolean autoRechargeRequested,
      @Doc("Whether a payment method is ready.") boolean autoRechargePaymentReady,
      @Doc("Below how many credits.") long autoRechargeThresholdCredits,
      @Doc("By how many.") long autoRechargeAmountCredits,
      @Doc("By how many in a month at most.") long autoRechargeMonthlyCapCredits,
      @Doc("By how many in this month so far.") long autoRechargeMonthlySpentCredits,
      @Doc("How many are left of that.") long autoRechargeMonthlyRemainingCredits) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        one(Operation.get("/bill-to"), "bill_to.show", "Says who pays for creates.")
            .response(Payer.class, Envelope.DATA)
            .handle(call -> store.transaction(call.principal(), PayerApi::payer)),
        one(Operation.put("/bill-to"), "bill_to.update", "Sets who pays for creates.")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.ORG_NOT_FOUND, ErrorCode.FORBIDDEN)
            .request(BillTo.class)
            .response(Payer.class, Envelope.DATA)
            .handle(this::set),
        one(Operation.delete("/bill-to"), "bill_to.clear", "Forgets who was set to pay.")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.FORBIDDEN)
            .run(call -> {
              call.principal().requireManager("who pays");
              store.execute(
                  call.principal(),
                  tx -> {
                    ObjectNode settings = settings(tx);
                    settings.remove("bill_to");
                    keep(tx, settings);
                  });
            }),
        one(Operation.get("/billing/settings"), "settings.get", "Reads how credits are topped up.")
            .response(TopUpView.class, Envelope.FLAT_MIRROR)
            .handle(call -> store.transaction(call.principal(), PayerApi::topUp)),
        one(Operation.put("/billing/settings"), "settings.put", "Sets how credits are topped up.")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.FORBIDDEN)
            .request(TopUp.class)
            .response(TopUpView.class, Envelope.FLAT_MIRROR)
            .handle(this::topUp));
  }

  private static OperationBuilder<NoBody, NoBody> one(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation.id("billing." + name).summary(summary).priority("P3").anyScope();
  }

  /** Refuses an organization that the credential cannot have pay. */
  static void requireOwn(Tx tx, @Nullable String reference) {
    if (reference != null && !reference.isEmpty()) {
      Choice own = own(tx);
      if (!reference.equals(own.id())
          && !reference.equals(own.slug())
          && !reference.equals(own.name())) {
        throw AtollException.of(ErrorCode.ORG_NOT_FOUND, reference);
      }
    }
  }

  private static Choice own(Tx tx) {
    Record row =
        tx.sql()
            .fetchSingle(
                "select org, name, slug from organizations where org = ?", tx.org().value());
    return new Choice(
        row.get("org", String.class), row.get("name", String.class), row.get("slug", String.class));
  }

  private static Payer payer(Tx tx) {
    Choice own = own(tx);
    return new Payer(own, settings(tx).has("bill_to") ? "setting" : "credential", List.of(own));
  }

  private Payer set(Call call, BillTo body) {
    call.principal().requireManager("who pays");
    return store.transaction(
        call.principal(),
        tx -> {
          requireOwn(tx, body.org());
          keep(tx, settings(tx).put("bill_to", tx.org().value()));
          return payer(tx);
        });
  }

  private TopUpView topUp(Call call, TopUp body) {
    call.principal().requireManager("topping up");
    if (Boolean.TRUE.equals(body.autoRechargeEnabled())) {
      throw AtollException.invalid(
          "auto_recharge_enabled",
          "needs a payment method, and this installation takes no payments");
    }
    return store.transaction(
        call.principal(),
        tx -> {
          ObjectNode settings = settings(tx);
          ObjectNode given = Json.MAPPER.valueToTree(body);
          given
              .properties()
              .forEach(field -> {
                if (!field.getValue().isNull()) {
                  settings.set(field.getKey(), field.getValue());
                }
              });
          keep(tx, settings);
          return topUp(tx);
        });
  }

  private static TopUpView topUp(Tx tx) {
    JsonNode settings = settings(tx);
    long cap = settings.path(TOP_UP + "monthly_cap_credits").asLong(0);
    return new TopUpView(
        tx.org().value(),
        false,
        settings.path(TOP_UP + "enabled").asBoolean(false),
        false,
        settings.path(TOP_UP + "threshold_credits").asLong(0),
        settings.path(TOP_UP + "amount_credits").asLong(0),
        cap,
        0,
        cap);
  }

  private static ObjectNode settings(Tx tx) {
    OrganizationId org = tx.org();
    Record row =
        tx.sql().fetchOne("select settings from billing_accounts where org = ?", org.value());
    return row == null
        ? Json.MAPPER.createObjectNode()
        : (ObjectNode) Json.MAPPER.readTree(row.get(0, JSONB.class).data());
  }

  private static void keep(Tx tx, ObjectNode settings) {
    tx.sql()
        .execute(
            """
            insert into billing_accounts (org, settings) values (?, cast(? as jsonb))
            on conflict (org) do update set settings = excluded.settings, updated_at = now()\
            """,
            tx.org().value(),
            settings.toString());
  }
}
