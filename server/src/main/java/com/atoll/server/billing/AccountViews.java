package com.atoll.server.billing;

import com.atoll.server.http.Doc;
import org.jspecify.annotations.Nullable;

/** What is shown of an account. */
final class AccountViews {
  private AccountViews() {}

  /** The plan of an organization. */
  record Plan(
      @Doc("Id of the organization.") String tenantId,
      @Doc("Name of the organization.") String name,
      @Doc("Its plan.") String plan,
      @Doc("Its status.") String status,
      @Doc("postpaid or prepaid.") String mode) {}

  /** The account in short, in cents. */
  record Overview(
      @Doc("Cents that are left.") long availableBalanceCents,
      @Doc("What the organization may spend in a month; null without a budget.")
          @Nullable Long usageBudgetCents,
      @Doc("Cents that were bought and are left.") long topupBalanceCents,
      @Doc("Cents that were used beyond the balance.") long owedCents,
      @Doc("Cents used in this month.") long billingPeriodUsageCents) {}

  /** A payment method. */
  record PaymentMethod(@Doc("Id.") String id, @Doc("Kind.") String type) {}
}
