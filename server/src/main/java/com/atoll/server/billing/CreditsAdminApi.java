package com.atoll.server.billing;

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
import com.atoll.server.identity.Operators;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the owner of the installation does with the credits of organizations. */
final class CreditsAdminApi {
  private static final int EXPIRE_DAYS = 180;
  static final long MOST = 1_000_000_000_000L;

  private final Store store;
  private final Operators operators;

  CreditsAdminApi(Store store, Operators operators) {
    this.store = store;
    this.operators = operators;
  }

  /** Credits to give or to take. */
  record Change(
      @Doc(value = "Id of the organization.", min = 1, max = 64) String tenantId,
      @Doc(value = "Credits, each a cent.", min = 1, max = CreditsAdminApi.MOST) long amount,
      @Doc(value = "What for.", max = 500) @Nullable String description,
      @Doc("When they expire; 180 days from now without it.") @Nullable String expiresAt,
      @Doc(value = "What it belongs to; the same is given once only.", max = 200)
          @JsonAlias("transaction_id")
          @Nullable String reference) {}

  /** How an organization pays. */
  record Mode(
      @Doc(
              value = "postpaid: use beyond the balance is owed; prepaid: work stops.",
              pattern = "postpaid|prepaid")
          String mode) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        change(Operation.post("/admin/credits/grant"), "grant", "Gives credits that were bought.")
            .handle((call, body) -> give(call, body, Ledger.Type.EARN)),
        change(Operation.post("/admin/credits/refund"), "refund", "Pays credits back.")
            .handle((call, body) -> give(call, body, Ledger.Type.REFUND)),
        change(
                Operation.post("/admin/credits/deduct"),
                "deduct",
                "Takes credits, as far as there are.")
            .handle(this::deduct),
        one(Operation.get("/admin/credits/:tenant_id/balance"), "balance", "Reads a balance.")
            .response(BalanceView.class, Envelope.FLAT_MIRROR)
            .handle(call -> {
              operators.require(call.principal(), "reading credits");
              return store.system(
                  tx -> CreditsApi.balance(tx, organization(tx, call.path("tenant_id"))));
            }),
        one(Operation.get("/admin/credits/:tenant_id/history"), "history", "Lists movements.")
            .response(CreditsApi.Moves.class, Envelope.FLAT)
            .handle(call -> {
              operators.require(call.principal(), "reading credits");
              return store.system(
                  tx -> CreditsApi.moves(tx, organization(tx, call.path("tenant_id")), call));
            }),
        one(
                Operation.put("/admin/credits/:tenant_id/mode"),
                "mode",
                "Sets how an organization pays.")
            .idempotency(Idempotency.NATURAL)
            .request(Mode.class)
            .response(BalanceView.class, Envelope.FLAT_MIRROR)
            .handle(this::mode));
  }

  private static OperationBuilder<NoBody, NoBody> one(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("credits_admin." + name)
        .summary(summary)
        .priority("P4")
        .anyScope()
        .errors(ErrorCode.FORBIDDEN, ErrorCode.ORG_NOT_FOUND, ErrorCode.INVALID_PARAM);
  }

  private static OperationBuilder<Change, BalanceView> change(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return one(operation, name, summary)
        .idempotency(Idempotency.KEY)
        .request(Change.class)
        .response(BalanceView.class, Envelope.FLAT_MIRROR);
  }

  private BalanceView give(Call call, Change body, Ledger.Type type) {
    operators.require(call.principal(), "giving credits");
    OffsetDateTime expires = expiry(body.expiresAt());
    String about = body.description() == null ? "granted" : body.description();
    String by = call.principal().key().value();
    return store.system(tx -> {
      OrganizationId org = organization(tx, body.tenantId());
      String id = Ledger.grant(tx, org, type, body.amount(), about, body.reference(), by, expires);
      return told(tx, call, org, id, type, body.amount());
    });
  }

  private BalanceView deduct(Call call, Change body) {
    operators.require(call.principal(), "taking credits");
    String about = body.description() == null ? "deducted" : body.description();
    return store.system(tx -> {
      OrganizationId org = organization(tx, body.tenantId());
      String id = Ledger.deduct(tx, org, body.amount(), about, call.principal().key().value());
      return told(tx, call, org, id, Ledger.Type.DEDUCT, body.amount());
    });
  }

  private static BalanceView told(
      Tx tx, Call call, OrganizationId org, @Nullable String id, Ledger.Type type, long amount) {
    BalanceView balance = CreditsApi.balance(tx, org);
    if (id != null) {
      Map<String, Object> data = new LinkedHashMap<>();
      data.put("type", type.wire());
      data.put("amount", amount);
      data.put("balance_credits", balance.balanceCredits());
      tx.within(org).event("credits.changed", "credits", id, 1, data);
    }
    call.idempotentAnswer(tx.within(call.principal().org()), balance, org.value());
    return balance;
  }

  private BalanceView mode(Call call, Mode body) {
    operators.require(call.principal(), "changing how an organization pays");
    return store.system(tx -> {
      OrganizationId org = organization(tx, call.path("tenant_id"));
      Ledger.lock(tx, org);
      tx.sql()
          .execute(
              "update billing_accounts set mode = ?, updated_at = now() where org = ?",
              body.mode(),
              org.value());
      CreditAlerts.refilled(tx, org);
      return CreditsApi.balance(tx, org);
    });
  }

  private static OrganizationId organization(Tx tx, String reference) {
    return tx.sql()
        .fetchOptional(
            "select org from organizations where org = ? or slug = ?", reference, reference)
        .map(row -> new OrganizationId(row.get(0, String.class)))
        .orElseThrow(() -> AtollException.of(ErrorCode.ORG_NOT_FOUND, reference));
  }

  private static OffsetDateTime expiry(@Nullable String text) {
    if (text == null) {
      return OffsetDateTime.now(ZoneOffset.UTC).plusDays(EXPIRE_DAYS);
    }
    try {
      OffsetDateTime at = OffsetDateTime.parse(text).withOffsetSameInstant(ZoneOffset.UTC);
      if (at.getYear() >= 2000 && at.getYear() <= 2999) {
        return at;
      }
    } catch (DateTimeException malformed) {
      // Told to the caller below, like a time that is too far away.
    }
    throw AtollException.invalid("expires_at", "must be a time such as 2026-12-31T00:00:00Z");
  }
}
