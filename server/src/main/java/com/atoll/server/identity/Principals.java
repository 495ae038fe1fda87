package com.atoll.server.identity;

import com.atoll.model.KeyId;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import java.util.Set;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Reads principals from rows of keys. */
public final class Principals {
  private Principals() {}

  /** The principal of a key's row; null when there is no row. */
  public static @Nullable Principal of(@Nullable Record row) {
    return row == null ? null : from(row);
  }

  static Principal from(Record row) {
    String[] scopes = row.get("scopes", String[].class);
    return new Principal(
        new OrganizationId(row.get("org", String.class)),
        new KeyId(row.get("id", String.class)),
        Role.of(row.get("role", String.class)),
        scopes == null ? null : Set.of(scopes),
        row.get("rate_limit_rpm", Integer.class),
        row.get("external_user_id", String.class));
  }
}
