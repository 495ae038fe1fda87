package com.atoll.server.testmode;

import com.atoll.model.OrganizationId;
import com.atoll.server.policies.Policies;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;

/**
 * A resource of a test organization that is older than such a resource gets.
 *
 * @param createdAt when it was made
 */
record Overdue(OrganizationId org, String id, OffsetDateTime createdAt) {
  /** How many are read at a time. */
  static final int BATCH = 100;

  private static final OffsetDateTime EVER = OffsetDateTime.of(1, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

  /** Comes before all. */
  static final Overdue NONE = new Overdue(new OrganizationId(""), "", EVER);

  /** The next of a kind after this one, the oldest first; in a transaction of the system. */
  List<Overdue> next(Tx tx, Kind kind) {
    return tx.sql()
        .fetch(
            """
            select org, id, created_at from {table}
            where org in (select org from organizations where test_of is not null) and {there}
              and created_at < now() - cast(? as double precision) * interval '1 second'
              and (created_at, id) > (?, ?)
            order by created_at, id limit ?\
            """
                .replace("{table}", kind.table())
                .replace("{there}", kind.there()),
            Policies.TEST_LIFETIME.toSeconds(),
            createdAt,
            id,
            BATCH)
        .map(row ->
            new Overdue(
                new OrganizationId(row.get("org", String.class)),
                row.get("id", String.class),
                row.get("created_at", OffsetDateTime.class)));
  }
}
