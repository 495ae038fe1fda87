package com.atoll.server.budgets;

import com.atoll.model.AtollException;
import com.atoll.server.identity.Owner;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.usage.UsageEvent;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a limit is about, from the widest to the narrowest. */
enum Scope {
  /** The whole organization. */
  ORGANIZATION,
  /** A workspace. */
  WORKSPACE,
  /** A workspace of the customer. */
  EXTERNAL_WORKSPACE,
  /** A user of the customer. */
  EXTERNAL_USER,
  /** A run, which the metadata of its sandboxes names. */
  RUN,
  /** A member of the organization: the sandboxes that this person's logins and keys made. */
  MEMBER;

  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  String words() {
    return wire().replace('_', ' ');
  }

  static Scope of(String wire) {
    try {
      return valueOf(wire.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw AtollException.invalid(
          "scope",
          "must be one of organization, workspace, external_workspace, external_user, run, member");
    }
  }

  /** What of this kind a sandbox belongs to; whose a member's is, {@link MemberUse} knows. */
  @Nullable String id(Sandbox sandbox) {
    return switch (this) {
      case ORGANIZATION -> "";
      case WORKSPACE -> sandbox.owner().workspaceId();
      case EXTERNAL_WORKSPACE -> sandbox.owner().externalWorkspaceId();
      case EXTERNAL_USER -> sandbox.owner().externalUserId();
      case MEMBER -> null;
      case RUN -> sandbox.metadata().get("run_id") instanceof String run ? run : null;
    };
  }

  /** What of this kind belongs to an owner. */
  @Nullable String id(Owner owner) {
    return switch (this) {
      case ORGANIZATION -> "";
      case WORKSPACE -> owner.workspaceId();
      case EXTERNAL_WORKSPACE -> owner.externalWorkspaceId();
      case EXTERNAL_USER -> owner.externalUserId();
      case RUN, MEMBER -> null;
    };
  }

  /** What of this kind something that was used belongs to. */
  @Nullable String id(UsageEvent event) {
    return switch (this) {
      case ORGANIZATION -> "";
      case WORKSPACE -> event.workspaceId();
      case EXTERNAL_WORKSPACE -> event.externalWorkspaceId();
      case EXTERNAL_USER -> event.externalUserId();
      case RUN -> event.runId();
      case MEMBER -> null;
    };
  }

  /**
   * The condition on a sandbox, or (but for members) on any row with an owner, that a parameter
   * follows.
   */
  String condition() {
    return switch (this) {
      case ORGANIZATION -> "'' = ?";
      case WORKSPACE -> "workspace_id = ?";
      case EXTERNAL_WORKSPACE -> "external_workspace_id = ?";
      case EXTERNAL_USER -> "external_user_id = ?";
      case RUN -> "metadata ->> 'run_id' = ?";
      case MEMBER -> "member_id = ?";
    };
  }
}
