package com.atoll.server.identity;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** An organization, also called tenant. */
public record OrganizationView(
    @Doc("Its id.") String id,
    @Doc("Its name.") String name,
    @Doc("Its slug, part of the hosts of its deployments.") String slug,
    @Doc("Its plan.") String plan,
    @Doc("The name of its plan.") String planName,
    @Doc("active or suspended.") String status,
    @Doc("live, or test for the twin that test keys act in.") String mode,
    @Doc("Credits that are left; null for a credential that is confined within the organization.")
        @Nullable Long creditBalance,
    @Doc("What the credential may do in it: owner, admin, member or viewer.") String role,
    @Doc("When it was made.") Instant createdAt) {

  /** What is read of {@code organizations o}. */
  public static final String COLUMNS =
      """
      o.*, coalesce((select b.amount from ledger_balances b
        where b.org = o.org and b.account = 'credits'), 0) as credit_balance\
      """;

  /** The organization of a row with these {@link #COLUMNS}. */
  public static OrganizationView of(Record row, String role) {
    String plan = row.get("plan", String.class);
    return new OrganizationView(
        row.get("org", String.class),
        row.get("name", String.class),
        row.get("slug", String.class),
        plan,
        plan,
        row.get("status", String.class),
        row.get("test_of", String.class) == null ? "live" : "test",
        row.get("credit_balance", Long.class),
        role,
        row.get("created_at", OffsetDateTime.class).toInstant());
  }

  /** As one is told of it who may not know what all of it share. */
  OrganizationView withoutBalance() {
    return new OrganizationView(
        id, name, slug, plan, planName, status, mode, null, role, createdAt);
  }
}
