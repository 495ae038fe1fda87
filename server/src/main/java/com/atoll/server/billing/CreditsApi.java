package com.atoll.server.billing;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import org.jooq.Condition;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** What an organization has, and how it came to that. */
final class CreditsApi {
  private static final String MOVES =
      """
      select t.id, t.org, t.type, t.description, t.reference, t.at,
        (select cast(sum(amount) as bigint) from ledger_entries e
          where e.transfer_id = t.id and amount > 0) as amount
      from ledger_transfers t where t.org = {0} and {1} order by t.id desc limit {2} offset {3}\
      """;

  private final Store store;

  CreditsApi(Store store) {
    this.store = store;
  }

  /** A movement of credits. */
  record Move(
      @Doc("Id.") String id,
      @Doc("Id of the organization.") String tenantId,
      @Doc("earn, promo, refund, spend, deduct or expire.") String type,
      @Doc("credit when the balance or what is owed gets better by it, debit otherwise.")
          String direction,
      @Doc("Credits that moved.") long amount,
      @Doc("The same as amount.") long amountCredits,
      @Doc("What for.") String description,
      @Doc("What it belongs to, as it was given.") @Nullable String reference,
      @Doc("When.") Instant createdAt,
      @Doc("The same as created_at.") Instant insertedAt) {}

  /** Which part of the list it is. */
  record Meta(
      @Doc("How many there are.") long total,
      @Doc("Number of the page, from 1.") int page,
      @Doc("Items on a page.") int perPage,
      @Doc("The same as per_page.") int pageSize,
      @Doc("Whether there are more.") boolean hasMore) {}

  /** Movements, newest first. */
  record Moves(
      @Doc("Movements, newest first.") List<Move> data,
      @Doc("The same.") List<Move> transactions,
      @Doc("Which part of the list it is.") Meta meta) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/credits/balance")
            .id("billing.balance")
            .summary("Reads the balance of the organization.")
            .priority("P1")
            .anyScope()
            .ofWholeOrganization()
            .response(BalanceView.class, Envelope.FLAT_MIRROR)
            .handle(call ->
                store.transaction(call.principal(), tx -> balance(tx, call.principal().org()))),
        Operation.get("/credits/transactions")
            .id("billing.transactions")
            .summary("Lists movements of credits, newest first.")
            .priority("P2")
            .anyScope()
            .ofWholeOrganization()
            .errors(ErrorCode.INVALID_PARAM)
            .query("type", "Only movements of this type; credit or debit for either direction.")
            .query("limit", "integer", "How many at most.")
            .query("offset", "integer", "How many to skip.")
            .query("page", "integer", "Number of the page, from 1.")
            .query("per_page", "integer", "Items on a page; also called page_size.")
            .response(Moves.class, Envelope.FLAT)
            .handle(call ->
                store.transaction(
                    call.principal(), tx -> moves(tx, call.principal().org(), call))));
  }

  static BalanceView balance(Tx tx, OrganizationId org) {
    Record row =
        Objects.requireNonNull(
            tx.sql()
                .fetchOne(
                    """
                    select o.plan,
                      (select min(expires_at) from credit_grants g
                        where g.org = o.org and remaining > 0) as expires_at,
                      (select max(updated_at) from ledger_balances b where b.org = o.org) as updated_at,
                      (select coalesce(sum(amount), 0) from ledger_entries e
                        join ledger_transfers t on t.id = e.transfer_id
                        where e.org = o.org and e.account = 'granted' and amount < 0) as earned
                    from organizations o where o.org = ?\
                    """,
                    org.value()));
    Ledger.Account account = Ledger.read(tx, org);
    OffsetDateTime expires = row.get("expires_at", OffsetDateTime.class);
    OffsetDateTime updated = row.get("updated_at", OffsetDateTime.class);
    @Nullable Instant expiry = expires == null ? null : expires.toInstant();
    return new BalanceView(
        org.value(),
        account.credits(),
        account.credits(),
        -row.get("earned", Long.class),
        Ledger.balance(tx, org, "spent"),
        -Ledger.balance(tx, org, "owed"),
        account.prepaid() ? "prepaid" : "postpaid",
        expiry,
        expiry,
        row.get("plan", String.class),
        updated == null ? null : updated.toInstant());
  }

  static Moves moves(Tx tx, OrganizationId org, Call call) {
    call.refuseCursor();
    Paging paging = call.paging();
    Condition where = type(call.query("type"));
    List<Move> oneMore =
        tx.sql()
            .fetch(
                MOVES,
                DSL.val(org.value()),
                where,
                DSL.val(paging.limit() + 1),
                DSL.val(paging.offset()))
            .map(CreditsApi::move);
    boolean more = oneMore.size() > paging.limit();
    List<Move> moves = more ? oneMore.subList(0, paging.limit()) : oneMore;
    long total =
        tx.sql()
            .fetchSingle(
                "select count(*) from ledger_transfers t where t.org = {0} and {1}",
                DSL.val(org.value()), where)
            .get(0, Long.class);
    Meta meta = new Meta(total, paging.page(), paging.limit(), paging.limit(), more);
    return new Moves(moves, moves, meta);
  }

  private static Condition type(@Nullable String type) {
    return switch (type == null ? "" : type) {
      case "" -> DSL.noCondition();
      case "credit" -> DSL.condition("t.type in ('earn', 'promo', 'refund')");
      case "debit" -> DSL.condition("t.type in ('spend', 'deduct', 'expire')");
      case "earn", "promo", "refund", "spend", "deduct", "expire" ->
          DSL.condition("t.type = ?", type);
      default -> throw AtollException.of(ErrorCode.INVALID_PARAM, "type");
    };
  }

  private static Move move(Record row) {
    String type = row.get("type", String.class);
    Long amount = row.get("amount", Long.class);
    Instant at = row.get("at", OffsetDateTime.class).toInstant();
    boolean debit = List.of("spend", "deduct", "expire").contains(type);
    return new Move(
        row.get("id", String.class),
        row.get("org", String.class),
        type,
        debit ? "debit" : "credit",
        amount == null ? 0 : amount,
        amount == null ? 0 : amount,
        row.get("description", String.class),
        row.get("reference", String.class),
        at,
        at);
  }
}
