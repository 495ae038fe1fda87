package com.atoll.server.authority;

import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.http.Json;
import com.atoll.server.store.Tx;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/**
 * Questions to a person. An answer of yes is good for one deed of the credential that asked, within
 * a quarter of an hour. One that was asked for by the API itself is bound to that very request; one
 * that a tool server asked for is bound to its own parameters there, and here to the action.
 */
final class Approvals {
  private static final String OF_ACTOR =
      " from action_approvals where principal_id = ? and capability = ? and expires_at > now()"
          + " and (request_fingerprint = ? or (? and surface <> 'api')) and status = ";

  private Approvals() {}

  /** An approval that covers the question; it stays good until the deed is done. */
  static @Nullable String approved(
      Tx tx, Principal principal, String capability, Question question) {
    return find(tx, "'approved'", principal, capability, question, false);
  }

  /** Takes an approval for the deed itself. */
  static @Nullable String take(Tx tx, Principal principal, String capability, Question question) {
    String id = find(tx, "'approved'", principal, capability, question, true);
    if (id != null) {
      tx.sql()
          .execute("update action_approvals set status = 'used', used_at = now() where id = ?", id);
    }
    return id;
  }

  /** Gives back what was taken, because the deed was refused. */
  static void giveBack(Tx tx, String id) {
    tx.sql()
        .execute(
            "update action_approvals set status = 'approved', used_at = null"
                + " where id = ? and status = 'used'",
            id);
  }

  private static @Nullable String find(
      Tx tx,
      String status,
      Principal principal,
      String capability,
      Question question,
      boolean anyTool) {
    Record row =
        tx.sql()
            .fetchOne(
                "select id"
                    + OF_ACTOR
                    + status
                    + " order by surface = 'api' desc, id limit 1 for update",
                principal.actor(),
                capability,
                question.request(),
                anyTool);
    return row == null ? null : row.get("id", String.class);
  }

  /** Asks, unless the same question is open already. */
  static String ask(Tx tx, Principal principal, String capability, Question question) {
    String open = find(tx, "'pending'", principal, capability, question, false);
    if (open != null) {
      return open;
    }
    String id = Ids.next("apr");
    tx.sql()
        .execute(
            """
            insert into action_approvals (id, org, capability, principal_type, principal_id,
              external_user_id, workspace_id, request_fingerprint, params_fingerprint, surface, request,
              run_id, agent_definition_id, expires_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, cast(? as jsonb), ?, ?, now() + interval '24 hours')\
            """,
            id,
            tx.org().value(),
            capability,
            type(principal),
            principal.actor(),
            principal.externalUser(),
            question.workspace(),
            question.request(),
            question.params(),
            question.surface(),
            Json.MAPPER.writeValueAsString(question.words()),
            question.words().get("run_id"),
            question.words().get("agent_definition_id"));
    tx.event(
        "approval.requested",
        "approval",
        id,
        1,
        Map.of("capability", capability, "principal_id", principal.actor()));
    return id;
  }

  static String type(Principal principal) {
    return principal.delegation() == null ? "api_key" : "token";
  }
}
