package com.atoll.server.members;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.identity.KeyAuthenticator;
import com.atoll.server.store.Store;
import java.util.ArrayList;
import java.util.List;

/** Members, roles and invitations over HTTP. */
public final class MembersApi implements Capability {
  private static final String READ = "organization:read";
  private static final String WRITE = "organization:write";

  private final Store store;
  private final Members members;
  private final Invites invites;
  private final WorkspaceMembers workspaceMembers;

  /**
   * The members of a store.
   *
   * @param keys ends the keys of who leaves
   */
  public MembersApi(Store store, KeyAuthenticator authenticator, MembershipEnd keys) {
    this.store = store;
    members = new Members(store, authenticator, keys);
    invites = new Invites(store);
    workspaceMembers = new WorkspaceMembers(store);
  }

  @Override
  public List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>(organization());
    all.addAll(byId());
    all.addAll(invitations());
    all.addAll(ofWorkspaces());
    return all;
  }

  private List<Operation<?, ?>> organization() {
    return List.of(
        declare(Operation.get("/tenant/members"), "list", "Lists members.", "P3", READ)
            .list(MemberView.class)
            .handle(members::list),
        declare(Operation.post("/tenant/members"), "invite", "Invites a member.", "P3", WRITE)
            .idempotency(Idempotency.KEY)
            .request(Requests.Invite.class)
            .response(Answers.Invited.class, Envelope.DATA)
            .status(201)
            .errors(ErrorCode.CONFLICT)
            .handle(invites::create),
        declare(
                Operation.patch("/tenant/members/:member_id/role"),
                "change_role",
                "Changes the role of a member.",
                "P3",
                WRITE)
            .idempotency(Idempotency.NATURAL)
            .request(Requests.Change.class)
            .response(MemberView.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.LAST_OWNER)
            .handle(members::changeRole),
        declare(
                Operation.delete("/tenant/members/:member_id"),
                "remove",
                "Removes a member, with the sessions and keys of that person.",
                "P3",
                WRITE)
            .idempotency(Idempotency.NATURAL)
            .response(Answers.Deleted.class, Envelope.FLAT)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.LAST_OWNER)
            .handle(call -> members.remove(call, "member_id")),
        declare(
                Operation.post("/tenant/transfer-ownership"),
                "transfer_ownership",
                "Gives the organization to another member.",
                "P4",
                WRITE)
            .idempotency(Idempotency.NATURAL)
            .request(Requests.Transfer.class)
            .response(Answers.Transferred.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.NOT_FOUND)
            .handle(members::transfer));
  }

  private List<Operation<?, ?>> byId() {
    return List.of(
        declare(Operation.get("/tenants/:id/members"), "of.list", "Lists members.", "P4", READ)
            .list(MemberView.class)
            .errors(ErrorCode.NOT_FOUND)
            .handle(call -> {
              own(call);
              return members.list(call);
            }),
        declare(
                Operation.post("/tenants/:id/members"),
                "of.add",
                "Makes an account a member whose person the caller shares an organization with.",
                "P4",
                WRITE)
            .idempotency(Idempotency.NATURAL)
            .request(Requests.Add.class)
            .response(MemberView.class, Envelope.DATA)
            .status(201)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.CONFLICT)
            .handle((call, body) -> {
              own(call);
              return members.add(call, body);
            }),
        declare(
                Operation.delete("/tenants/:id/members/:user_id"),
                "of.remove",
                "Removes a member.",
                "P4",
                WRITE)
            .idempotency(Idempotency.NATURAL)
            .response(Answers.Deleted.class, Envelope.FLAT)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.LAST_OWNER)
            .handle(call -> {
              own(call);
              return members.remove(call, "user_id");
            }));
  }

  private List<Operation<?, ?>> invitations() {
    return List.of(
        declare(
                Operation.get("/tenants/:id/invites"),
                "invites.list",
                "Lists invitations.",
                "P3",
                READ)
            .response(Answers.InviteList.class, Envelope.FLAT)
            .errors(ErrorCode.NOT_FOUND)
            .handle(call -> {
              own(call);
              return invites.list(call, null);
            }),
        declare(
                Operation.post("/tenants/:id/invites"),
                "invites.create",
                "Invites somebody.",
                "P3",
                WRITE)
            .idempotency(Idempotency.KEY)
            .request(Requests.Invite.class)
            .response(Answers.Invited.class, Envelope.DATA)
            .status(201)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.CONFLICT)
            .handle((call, body) -> {
              own(call);
              return invites.create(call, body);
            }),
        declare(
                Operation.delete("/tenants/:id/invites/:invite_id"),
                "invites.revoke",
                "Takes an invitation back.",
                "P3",
                WRITE)
            .idempotency(Idempotency.NATURAL)
            .response(Answers.Revoked.class, Envelope.FLAT)
            .errors(ErrorCode.NOT_FOUND)
            .handle(call -> {
              own(call);
              return invites.revoke(call, null);
            }),
        preview("/invites/:token", "invites.preview"),
        accept("/invites/:token/accept", "account.accept_invite"),
        preview("/workspace-invites/:token", "workspace_invites.preview"),
        accept("/workspace-invites/:token/accept", "account.accept_workspace_invite"));
  }

  private Operation<?, ?> preview(String path, String id) {
    return Operation.get(path)
        .id("members." + id)
        .summary("Shows an invitation to whoever holds its token.")
        .priority("P4")
        .anyone()
        .response(Answers.Preview.class, Envelope.DATA)
        .errors(ErrorCode.NOT_FOUND)
        .handle(invites::preview);
  }

  private Operation<?, ?> accept(String path, String id) {
    return Operation.post(path)
        .id(id)
        .summary("Accepts an invitation, as the person who logged in.")
        .priority("P4")
        .anyScope()
        .idempotency(Idempotency.NEVER)
        .response(Answers.Accepted.class, Envelope.FLAT)
        .errors(ErrorCode.NOT_FOUND, ErrorCode.INVITE_NOT_VALID)
        .handle(invites::accept);
  }

  private List<Operation<?, ?>> ofWorkspaces() {
    return List.of(
        declare(
                Operation.get("/workspaces/:id/members"),
                "workspace.list",
                "Lists the members of a workspace.",
                "P3",
                READ)
            .list(WorkspaceMemberView.class)
            .errors(ErrorCode.NOT_FOUND)
            .handle(workspaceMembers::list),
        declare(
                Operation.post("/workspaces/:id/members"),
                "workspace.add",
                "Gives a member of the organization a role in a workspace.",
                "P3",
                WRITE)
            .idempotency(Idempotency.NATURAL)
            .request(Requests.AddToWorkspace.class)
            .response(WorkspaceMemberView.class, Envelope.DATA)
            .status(201)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.NOT_TENANT_MEMBER, ErrorCode.WORKSPACE_FORBIDDEN)
            .handle(workspaceMembers::add),
        changeRole("/workspaces/:id/members/:member_id", "workspace.change_role"),
        changeRole("/workspaces/:id/members/:member_id/role", "workspace.change_role_too"),
        declare(
                Operation.delete("/workspaces/:id/members/:member_id"),
                "workspace.remove",
                "Takes a role in a workspace away.",
                "P3",
                WRITE)
            .idempotency(Idempotency.NATURAL)
            .response(Answers.Deleted.class, Envelope.FLAT)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.WORKSPACE_FORBIDDEN)
            .handle(workspaceMembers::remove),
        declare(
                Operation.get("/workspaces/:id/invites"),
                "workspace_invites.list",
                "Lists the invitations to a workspace.",
                "P3",
                READ)
            .response(Answers.InviteList.class, Envelope.FLAT)
            .errors(ErrorCode.NOT_FOUND)
            .handle(call -> invites.list(call, call.path("id"))),
        declare(
                Operation.post("/workspaces/:id/invites"),
                "workspace_invites.create",
                "Invites somebody to a workspace, as who manages the organization may, or adds one of its"
                    + " members.",
                "P3",
                WRITE)
            .idempotency(Idempotency.KEY)
            .request(Requests.WorkspaceInvite.class)
            .response(Answers.WorkspaceInvited.class, Envelope.FLAT)
            .status(201)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.WORKSPACE_FORBIDDEN)
            .handle(workspaceMembers::invite),
        declare(
                Operation.delete("/workspaces/:id/invites/:invite_id"),
                "workspace_invites.revoke",
                "Takes an invitation to a workspace back.",
                "P3",
                WRITE)
            .idempotency(Idempotency.NATURAL)
            .response(Answers.Revoked.class, Envelope.FLAT)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.WORKSPACE_FORBIDDEN)
            .handle(call -> invites.revoke(call, call.path("id"))));
  }

  private Operation<?, ?> changeRole(String path, String name) {
    return declare(
            Operation.patch(path),
            name,
            "Changes the role of somebody in a workspace.",
            "P3",
            WRITE)
        .idempotency(Idempotency.NATURAL)
        .request(Requests.WorkspaceChange.class)
        .response(WorkspaceMemberView.class, Envelope.DATA)
        .errors(ErrorCode.NOT_FOUND, ErrorCode.WORKSPACE_FORBIDDEN)
        .handle(workspaceMembers::changeRole);
  }

  /** The organization in the path is the credential's, by id or slug. */
  private void own(Call call) {
    String asked = call.path("id");
    boolean own =
        store.find(
                call.principal(),
                tx ->
                    tx.sql()
                        .fetchOne(
                            "select 1 from organizations where org = ? and (org = ? or slug = ?)",
                            tx.org().value(),
                            asked,
                            asked))
            != null;
    if (!own) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "organization " + asked);
    }
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> builder,
      String name,
      String summary,
      String priority,
      String scope) {
    return builder
        .id("members." + name)
        .summary(summary)
        .priority(priority)
        .scope(scope)
        .ofWholeOrganization();
  }
}
