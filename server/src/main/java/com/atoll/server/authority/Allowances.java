package com.atoll.server.authority;

import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.store.Tx;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/**
 * What a grant allowed to who asked beforehand. Of the deed the API does not see where it comes
 * from, so a grant that is bounded by that is judged by the question; the answer is good for one
 * deed of the credential that asked, within a quarter of an hour, as an approval is, and no longer
 * than its grant. Whatever the deed itself shows, its workspace and its parameters, is judged then.
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
            where id = ? and surfaces is not null\
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
                  and a.taken_at is null
                  and (g.workspace_id is null or g.workspace_id = ?)
                  and (g.params_fingerprint is null or g.params_fingerprint = ?)
                  and g.revoked_at is null and (g.expires_at is null or g.expires_at > now())
                  and (g.max_uses is null or g.uses < g.max_uses)
                order by a.id limit 1 for update\
                """,
                principal.actor(),
                capability,
                question.workspace(),
                question.params());
    if (row == null) {
      return null;
    }
    String grant = row.get("grant_id", String.class);
    tx.sql()
        .execute(
            "update action_allowances set taken_at = now() where id = ?",
            row.get("id", String.class));
    Grants.count(tx, grant);
    return grant;
  }

  /** Gives back what was taken, because the deed was refused. */
  static void giveBack(Tx tx, Principal principal, String capability, String grant) {
    tx.sql()
        .execute(
            """
            update action_allowances set taken_at = null
            where id = (select id from action_allowances
                        where principal_id = ? and capability = ? and grant_id = ?
                          and taken_at is not null
                        order by taken_at desc, id limit 1 for update)\
            """,
            principal.actor(),
            capability,
            grant);
  }
}
