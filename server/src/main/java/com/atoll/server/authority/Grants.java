package com.atoll.server.authority;

import com.atoll.model.Principal;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Standing permissions: who has one needs no approval for what it covers. */
final class Grants {
  private static final String COVERS =
      """
       and (capability = ? or (right(capability, 2) = '.*' and starts_with(?, left(capability, -1))))
        and (workspace_id is null or workspace_id = ?)
        and (params_fingerprint is null or params_fingerprint = ?)
        and (surfaces is null or ? = any(surfaces))
        and revoked_at is null and (expires_at is null or expires_at > now())
        and (max_uses is null or uses < max_uses)
      order by max_uses nulls first, id limit 1 for update\
      """;

  private Grants() {}

  /**
   * A grant of this credential that covers the action.
   *
   * @param use whether it counts as one use of it
   * @return its id, or null when there is none
   */
  static @Nullable String find(
      Tx tx, Principal principal, String capability, Question question, boolean use) {
    return find(
        tx,
        """
        (principal_type = 'api_key' and principal_id = ?
          or principal_type = 'token' and principal_id = ?
          or principal_type = 'external_user' and principal_id = ?
          or principal_type = 'role' and principal_id = ?)\
        """,
        use,
        capability,
        question,
        principal.key().value(),
        principal.actor(),
        principal.externalUser(),
        principal.role().wire());
  }

  /** Uses a grant of an app; its id, or null when there is none. */
  static @Nullable String useOfApp(Tx tx, String app, String capability, Question question) {
    return find(tx, "principal_type = 'app' and principal_id = ?", true, capability, question, app);
  }

  private static @Nullable String find(
      Tx tx,
      String who,
      boolean use,
      String capability,
      Question question,
      @Nullable Object... ids) {
    List<@Nullable Object> values = new ArrayList<>(Arrays.asList(ids));
    values.add(capability);
    values.add(capability);
    values.add(question.workspace());
    values.add(question.params());
    values.add(question.surface());
    Record row =
        tx.sql().fetchOne("select id from action_grants where " + who + COVERS, values.toArray());
    if (row == null) {
      return null;
    }
    String id = row.get("id", String.class);
    if (use) {
      count(tx, id);
    }
    return id;
  }

  static void count(Tx tx, String id) {
    tx.sql().execute("update action_grants set uses = uses + 1 where id = ?", id);
  }

  /** Takes back that it was used, because the deed was refused. */
  static void giveBack(Tx tx, String id) {
    tx.sql().execute("update action_grants set uses = uses - 1 where id = ? and uses > 0", id);
  }
}
