package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import org.jspecify.annotations.Nullable;

/**
 * Where a deployment belongs and whom the customer attributes it to.
 *
 * @param key the key that created it
 */
record Owner(
    OrganizationId org,
    String key,
    String workspace,
    String project,
    @Nullable String externalWorkspace,
    @Nullable String externalUser,
    @Nullable String externalProject) {

  /** The owner of what a principal creates. */
  static Owner of(Principal who, com.atoll.server.identity.Owner resolved) {
    return new Owner(
        who.org(),
        who.key().value(),
        resolved.workspaceId(),
        resolved.projectId(),
        resolved.externalWorkspaceId(),
        resolved.externalUserId(),
        resolved.externalProjectId());
  }

  /** The customer's user that a new resource is attributed to. */
  static @Nullable String user(Principal who, @Nullable String asked) {
    String confined = who.externalUser();
    if (confined != null && asked != null && !confined.equals(asked)) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the key acts for another external user");
    }
    return confined == null ? asked : confined;
  }
}
