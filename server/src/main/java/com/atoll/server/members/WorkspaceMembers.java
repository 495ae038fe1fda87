package com.atoll.server.members;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.MemberRole;
import com.atoll.server.http.Call;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.identity.WorkspaceReference;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** The people of a workspace: members of its organization with a role in it. */
final class WorkspaceMembers {
  private final Store store;

  WorkspaceMembers(Store store) {
    this.store = store;
  }

  Page<WorkspaceMemberView> list(Call call) {
    Paging paging = call.paging();
    return store.transaction(
        call.principal(),
        tx -> {
          String id = WorkspaceReference.require(tx, call.path("id"));
          long total =
              tx.sql()
                  .fetchSingle("select count(*) from workspace_members where workspace_id = ?", id)
                  .get(0, Long.class);
          List<WorkspaceMemberView> rows =
              tx.sql()
                  .fetch(
                      WorkspaceMemberView.SELECT
                          + "where w.workspace_id = ? and (cast(? as text) is null or w.user_id < ?)"
                          + " order by w.user_id desc limit ? offset ?",
                      id,
                      paging.after(),
                      paging.after(),
                      paging.limit() + 1,
                      paging.offset())
                  .map(WorkspaceMemberView::of);
          return Page.of(rows, paging, total, WorkspaceMemberView::userId);
        });
  }

  WorkspaceMemberView add(Call call, Requests.AddToWorkspace asked) {
    if (asked.userId() == null && asked.email() == null) {
      throw AtollException.invalid("user_id", "or email must be sent");
    }
    return store.transaction(
        call.principal(),
        tx -> {
          String workspace = Workspace.managed(tx, call, call.path("id"));
          String user = member(tx, asked.userId(), asked.email());
          if (user == null) {
            throw AtollException.of(ErrorCode.NOT_TENANT_MEMBER);
          }
          return added(tx, call, workspace, user, role(asked.role()));
        });
  }

  /**
   * Adds a member of the organization, or invites somebody else. Who joins a workspace is a member
   * of the organization from then on, so that only those who manage it invite.
   */
  Answers.WorkspaceInvited invite(Call call, Requests.WorkspaceInvite asked) {
    return store.transaction(
        call.principal(),
        tx -> {
          String workspace = Workspace.managed(tx, call, call.path("id"));
          String user = member(tx, null, asked.email());
          if (user == null) {
            call.principal().requireManager("an invitation into the organization");
          }
          MemberRole role = role(asked.role());
          Answers.WorkspaceInvited view =
              user == null
                  ? new Answers.WorkspaceInvited(
                      Invites.insert(tx, call, asked.email(), role, workspace), "invited")
                  : new Answers.WorkspaceInvited(added(tx, call, workspace, user, role), "added");
          call.idempotentAnswer(tx, view, workspace);
          return view;
        });
  }

  private static WorkspaceMemberView added(
      Tx tx, Call call, String workspace, String user, MemberRole role) {
    Workspace.add(tx, workspace, user, role, call.principal().standing().user());
    return view(tx, workspace, user);
  }

  WorkspaceMemberView changeRole(Call call, Requests.WorkspaceChange asked) {
    return store.transaction(
        call.principal(),
        tx -> {
          String workspace = Workspace.managed(tx, call, call.path("id"));
          String user = call.path("member_id");
          view(tx, workspace, user);
          tx.sql()
              .execute(
                  "update workspace_members set role = ? where workspace_id = ? and user_id = ?",
                  asked.role(),
                  workspace,
                  user);
          Workspace.tell(
              tx, "workspace_member.updated", workspace, user, Map.of("role", asked.role()));
          return view(tx, workspace, user);
        });
  }

  Answers.Deleted remove(Call call) {
    return store.transaction(
        call.principal(),
        tx -> {
          String user = call.path("member_id");
          boolean leaves = user.equals(call.principal().standing().user());
          String workspace =
              leaves
                  ? WorkspaceReference.require(tx, call.path("id"))
                  : Workspace.managed(tx, call, call.path("id"));
          view(tx, workspace, user);
          tx.sql()
              .execute(
                  "delete from workspace_members where workspace_id = ? and user_id = ?",
                  workspace,
                  user);
          Workspace.tell(tx, "workspace_member.removed", workspace, user, Map.of());
          return new Answers.Deleted(true);
        });
  }

  private static MemberRole role(@Nullable String asked) {
    return asked == null ? MemberRole.MEMBER : MemberRole.of(asked);
  }

  private static @Nullable String member(Tx tx, @Nullable String user, @Nullable String email) {
    Record row =
        tx.sql()
            .fetchOne(
                "select user_id from members where user_id = ? or email = ? limit 1",
                user,
                email == null ? null : Invites.normal(email));
    return row == null ? null : row.get(0, String.class);
  }

  private static WorkspaceMemberView view(Tx tx, String workspace, String user) {
    Record row =
        tx.sql()
            .fetchOne(
                WorkspaceMemberView.SELECT + "where w.workspace_id = ? and w.user_id = ?",
                workspace,
                user);
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "member " + user + " of the workspace");
    }
    return WorkspaceMemberView.of(row);
  }
}
