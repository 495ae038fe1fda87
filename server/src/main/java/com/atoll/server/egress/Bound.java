package com.atoll.server.egress;

import com.atoll.server.sandboxes.Sandbox;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a policy, rule or secret holds for.
 *
 * @param kind how specific it is
 * @param id of the workspace or sandbox; null for the organization
 */
record Bound(Kind kind, @Nullable String id) {
  /** The most specific comes first. */
  enum Kind {
    SANDBOX,
    WORKSPACE,
    ORGANIZATION;

    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static final Bound ORGANIZATION = new Bound(Kind.ORGANIZATION, null);

  static Bound stored(String kind, @Nullable String id) {
    return new Bound(Kind.valueOf(kind.toUpperCase(Locale.ROOT)), id);
  }

  /** Whether it holds for this sandbox, which is of the same organization. */
  boolean covers(Sandbox sandbox) {
    return covers(sandbox.id(), sandbox.owner().workspaceId());
  }

  boolean covers(String sandboxId, String workspaceId) {
    return switch (kind) {
      case SANDBOX -> sandboxId.equals(id);
      case WORKSPACE -> workspaceId.equals(id);
      case ORGANIZATION -> true;
    };
  }
}
