package com.atoll.server.members;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.MemberRole;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.identity.WorkspaceReference;
import com.atoll.server.store.Tx;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** What members may do in one workspace. */
final class Workspace {
  private Workspace() {}

  /**
   * The id of a workspace whose people the caller manages: as a manager of the organization, or as
   * an admin of the workspace.
   */
  static String managed(Tx tx, Call call, String reference) {
    Principal asking = call.principal();
    String id = WorkspaceReference.require(tx, reference);
    if (!asking.role().manages() && role(tx, id, asking.standing().user()) != MemberRole.ADMIN) {
      throw AtollException.of(ErrorCode.WORKSPACE_FORBIDDEN, id);
    }
    return id;
  }

  private static @Nullable MemberRole role(Tx tx, String workspace, @Nullable String user) {
    if (user == null) {
      return null;
    }
    Record row =
        tx.sql()
            .fetchOne(
                "select role from workspace_members where workspace_id = ? and user_id = ?",
                workspace,
                user);
    return row == null ? null : MemberRole.of(row.get(0, String.class));
  }

  static void add(Tx tx, String workspace, String user, MemberRole role, @Nullable String by) {
    tx.sql()
        .execute(
            """
            insert into workspace_members (org, workspace_id, user_id, role, added_by)
            values (?, ?, ?, ?, ?)
            on conflict (workspace_id, user_id) do update set role = excluded.role\
            """,
            tx.org().value(),
            workspace,
            user,
            role.wire(),
            by);
    tell(tx, "workspace_member.added", workspace, user, Map.of("role", role.wire()));
  }

  static void tell(Tx tx, String what, String workspace, String user, Map<String, ?> data) {
    tx.event(what, "workspace_member", workspace + ":" + user, System.currentTimeMillis(), data);
  }
}
