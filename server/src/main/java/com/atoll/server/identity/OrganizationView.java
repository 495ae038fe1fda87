package com.atoll.server.identity;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jooq.Record;

/** An organization, also called tenant. */
public record OrganizationView(
    @Doc("Its id.") String id,
    @Doc("Its name.") String name,
    @Doc("Its slug, part of the hosts of its deployments.") String slug,
    @Doc("Its plan.") String plan,
    @Doc("The name of its plan.") String planName,
    @Doc("active or suspended.") String status,
    @Doc("live, or test for the twin that test keys act in.") String mode,
    @Doc("Credits that are left.") long creditBalance,
    @Doc("What the credential may do in it: owner, admin, member or viewer.") String role,
    @Doc("When it was made.") Instant createdAt) {

  /** The organization of a row of the table. */
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
        0,
        role,
        row.get("created_at", OffsetDateTime.class).toInstant());
  }
}
