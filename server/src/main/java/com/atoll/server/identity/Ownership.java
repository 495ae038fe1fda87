package com.atoll.server.identity;

import com.atoll.server.http.Doc;
import org.jspecify.annotations.Nullable;

/**
 * Who a new resource belongs to, as every create accepts it: flattened into the request by
 * {@code @JsonUnwrapped}.
 */
public record Ownership(
    @Doc(value = "Id, slug or name of the workspace that owns it.", max = 200)
        @Nullable String workspaceId,
    @Doc(value = "Slug of the workspace, when its id is not given.", max = 200)
        @Nullable String workspaceSlug,
    @Doc(
            value =
                "Name of the workspace, when neither id nor slug is given; made when there is none.",
            max = 200)
        @Nullable String workspaceName,
    @Doc(
            value = "Id, slug or name of the project that owns it; an id says its workspace too.",
            max = 200)
        @Nullable String projectId,
    @Doc(value = "Slug of the project, when its id is not given.", max = 200)
        @Nullable String projectSlug,
    @Doc(
            value =
                "Name of the project, when neither id nor slug is given; made when there is none.",
            max = 200)
        @Nullable String projectName,
    @Doc(value = "Your customer's id of the workspace; never authorizes.", max = 255)
        @Nullable String externalWorkspaceId,
    @Doc(value = "Your customer's id of the user; never authorizes.", max = 255)
        @Nullable String externalUserId,
    @Doc(value = "Your customer's id of the project; never authorizes.", max = 255)
        @Nullable String externalProjectId) {

  /** No wish: the defaults of the organization. */
  public static final Ownership DEFAULT =
      new Ownership(null, null, null, null, null, null, null, null, null);
}
