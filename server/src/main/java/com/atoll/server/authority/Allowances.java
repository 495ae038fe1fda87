package com.atoll.server.authority;

import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.store.Tx;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/**
 * What a grant allowed to who asked beforehand. Of the deed the API sees neither where it comes
 * from nor the parameters as a tool server hashes them, so a grant that is bounded by those is
 * judged by the question; the answer is good for one deed of the credential that asked, within a
 * quarter of an hour, as an approval is, and no longer than its grant.
 */
final class Allowances {
  private Allowances() {}

  /** Keeps what a grant allowed, where the deed alone would not show that it is covered. */
  static void keep(Tx tx, Principal principal, String capability, Question question, String grant) {
    if (question.surface().equals("api")) {
      return;
    }
    tx.sql()
        .execute(
            """
            insert into action_allowances (id, org, grant_id, principal_id, capability, expires_at)
            select ?, org, id, ?, ?, now() + interval '15 minutes' from action_grants
            where id = ? and (surfaces is not null or params_fingerprint is not null)\
            """,
            Ids.next("alw"),
            principal.actor(),
            capability,
            grant);
  }

  /** Takes one for the deed itself, as a use of its grant; the grant's id, or null without one. */
  static @Nullable String take(Tx tx, Principal principal, String capability, Question question) {
    Record row =
        tx.sql()
            .fetchOne(
                """
                select a.id, a.grant_id from action_allowances a
                  join action_grants g on g.id = a.grant_id
                where a.principal_id = ? and a.capability = ? and a.expires_at > now()
                  and (g.workspace_id is null or g.workspace_id = ?)
                  and g.revoked_at is null and (g.expires_at is null or g.expires_at > now())
                  and (g.max_uses is null or g.uses < g.max_uses)
                order by a.id limit 1 for update\
                """,
                principal.actor(),
                capability,
                question.workspace());
    if (row == null) {
      return null;
    }
    String grant = row.get("grant_id", String.class);
    tx.sql().execute("delete from action_allowances where id = ?", row.get("id", String.class));
    Grants.count(tx, grant);
    return grant;
  }
}
