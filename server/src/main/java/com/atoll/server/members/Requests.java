package com.atoll.server.members;

import com.atoll.server.http.Doc;
import org.jspecify.annotations.Nullable;

/** What clients send about members. */
final class Requests {
  static final String ROLES = "owner|admin|member|viewer";
  static final String WORKSPACE_ROLES = "admin|member|viewer";
  static final String EMAIL = "[^@\\s\\x00-\\x1f]{1,64}@[^@\\s\\x00-\\x1f]{1,190}";

  private Requests() {}

  record Invite(
      @Doc(value = "Whom to invite.", pattern = EMAIL) String email,
      @Doc(value = "owner, admin, member (default) or viewer.", pattern = ROLES)
          @Nullable String role) {}

  record WorkspaceInvite(
      @Doc(value = "Whom to invite.", pattern = EMAIL) String email,
      @Doc(value = "admin, member (default) or viewer.", pattern = WORKSPACE_ROLES)
          @Nullable String role) {}

  record Change(@Doc(value = "owner, admin, member or viewer.", pattern = ROLES) String role) {}

  record WorkspaceChange(
      @Doc(value = "admin, member or viewer.", pattern = WORKSPACE_ROLES) String role) {}

  record Add(
      @Doc(
              value = "Id of the account. Whom the caller does not know is invited instead.",
              min = 1,
              max = 100)
          String userId,
      @Doc(value = "owner, admin, member (default) or viewer.", pattern = ROLES)
          @Nullable String role) {}

  record AddToWorkspace(
      @Doc(value = "Id of the account; or send email.", max = 100) @Nullable String userId,
      @Doc(value = "E-mail address of a member of the organization.", pattern = EMAIL)
          @Nullable String email,
      @Doc(value = "admin, member (default) or viewer.", pattern = WORKSPACE_ROLES)
          @Nullable String role) {}

  record Transfer(
      @Doc(value = "Id of the account of the new owner, who is a member.", min = 1, max = 100)
          String newOwnerUserId) {}
}
