package com.atoll.server.members;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is answered about members besides the members themselves. */
public final class Answers {
  private Answers() {}

  record Deleted(@Doc("Always true.") boolean deleted) {}

  record Revoked(
      @Doc("Id of the invitation.") String inviteId, @Doc("Always true.") boolean revoked) {}

  record Transferred(
      @Doc("Id of the organization.") String tenantId,
      @Doc("Id of the account of the new owner.") String ownerUserId,
      @Doc("Id of the account that gave it away; null when no person did.")
          @Nullable String previousOwnerUserId) {}

  record InviteList(
      @Doc("The invitations.") List<InviteView> data, @Doc("How many there are.") int total) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Invited(
      @Doc("Id of the invitation.") String id,
      @Doc("The same as id.") String inviteId,
      @Doc("Id of the organization.") String tenantId,
      @Doc("Id of the workspace, for an invitation to one.") @Nullable String workspaceId,
      @Doc("Who is invited.") String email,
      @Doc("The role that is offered.") String role,
      @Doc("Always invited: the person becomes a member by accepting.") String status,
      @Doc("Until when it can be accepted.") Instant expiresAt,
      @Doc("The address to pass on to the person; it holds the token, shown this once.")
          String inviteUrl,
      @Doc("The token of the address.") String token) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record WorkspaceInvited(
      @Doc("The invitation, or the member that was added.") Object data,
      @Doc("invited, or added when the person is in the organization already.") String type) {}

  record Preview(
      @Doc("Name of the organization.") String tenantName,
      @Doc("Name of the workspace, for an invitation to one.") @Nullable String workspaceName,
      @Doc("Who is invited.") String email,
      @Doc("The role that is offered.") String role,
      @Doc("Until when it can be accepted.") Instant expiresAt,
      @Doc("Whether its time is over.") boolean expired,
      @Doc("Whether it was taken back.") boolean revoked,
      @Doc("Whether it was accepted.") boolean accepted) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Accepted(
      @Doc("Always true.") boolean accepted,
      @Doc("Id of the organization.") String tenantId,
      @Doc("Name of the organization.") String tenant,
      @Doc("Id of the workspace, for an invitation to one.") @Nullable String workspaceId,
      @Doc("The role in the organization, or in the workspace.") String role) {}
}
