package com.atoll.server.billing;

import com.atoll.server.http.Doc;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The balance of an organization. A self-hosted installation charges nobody: it is zero. */
record BalanceView(
    @Doc("Id of the organization.") String tenantId,
    @Doc("Credits that are left.") long balanceCredits,
    @Doc("The same as balance_credits.") long balance,
    @Doc("Credits ever earned.") long lifetimeEarned,
    @Doc("Credits ever spent.") long lifetimeSpent,
    @Doc("When credits expire.") @Nullable Instant creditExpiryAt,
    @Doc("The same as credit_expiry_at.") @Nullable Instant expiresAt,
    @Doc("Plan of the organization.") String plan,
    @Doc("When the balance last changed.") @Nullable Instant updatedAt) {}
