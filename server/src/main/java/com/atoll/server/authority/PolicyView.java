package com.atoll.server.authority;

import com.atoll.server.http.Doc;
import java.util.List;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** What an organization lets its credentials do. */
record PolicyView(
    @Doc("The action, a prefix of actions that ends in a star, or the star alone.") String action,
    @Doc("allow, approval or deny.") String decision,
    @Doc("Roles of the credentials that it binds.") List<String> roles,
    @Doc("Why; told to who is refused.") @Nullable String reason) {
  static PolicyView of(Record row) {
    return new PolicyView(
        row.get("action", String.class),
        row.get("decision", String.class),
        List.of(row.get("roles", String[].class)),
        row.get("reason", String.class));
  }
}
