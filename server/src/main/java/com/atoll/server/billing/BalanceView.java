package com.atoll.server.billing;

import com.atoll.server.http.Doc;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The balance of an organization, in credits of a cent. */
record BalanceView(
    @Doc("Id of the organization.") String tenantId,
    @Doc("Credits that are left.") long balanceCredits,
    @Doc("The same as balance_credits.") long balance,
    @Doc("Credits ever earned.") long lifetimeEarned,
    @Doc("Credits ever spent.") long lifetimeSpent,
    @Doc("Credits that were used beyond the balance.") long owedCredits,
    @Doc("postpaid: use beyond the balance is owed; prepaid: work stops when it is used up.")
        String mode,
    @Doc("When the next credits expire.") @Nullable Instant creditExpiryAt,
    @Doc("The same as credit_expiry_at.") @Nullable Instant expiresAt,
    @Doc("Plan of the organization.") String plan,
    @Doc("When the balance last changed.") @Nullable Instant updatedAt) {}
