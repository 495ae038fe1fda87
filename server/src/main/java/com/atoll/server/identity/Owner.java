package com.atoll.server.identity;

import com.atoll.server.http.Doc;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Who a resource belongs to, as every view shows it: flattened by {@code @JsonUnwrapped}. */
public record Owner(
    @Doc("Id of the organization.") String tenantId,
    @Doc("Id of the workspace that owns it.") String workspaceId,
    @Doc("Slug of that workspace.") String workspaceSlug,
    @Doc("Name of that workspace.") String workspaceName,
    @Doc("Id of the project that owns it.") String projectId,
    @Doc("Slug of that project.") String projectSlug,
    @Doc("Name of that project.") String projectName,
    @Doc("Your customer's id of the workspace.") @Nullable String externalWorkspaceId,
    @Doc("Your customer's id of the user.") @Nullable String externalUserId,
    @Doc("Your customer's id of the project.") @Nullable String externalProjectId) {

  /**
   * What to select, with {@link #JOIN}, so that {@link #of} finds what it needs; {@code r} is the
   * resource.
   */
  public static final String COLUMNS =
      """
      r.org as owner_org, w.id as owner_workspace, w.slug as owner_workspace_slug,
      w.name as owner_workspace_name, p.id as owner_project, p.slug as owner_project_slug,
      p.name as owner_project_name, r.external_workspace_id as owner_external_workspace,
      r.external_user_id as owner_external_user, r.external_project_id as owner_external_project
      """;

  /**
   * How the resource {@code r} is joined to its owners, by its workspace_id and project_id. Whoever
   * sees it is told the project, also of another user, in which it is.
   */
  public static final String JOIN =
      " join workspaces w on w.id = r.workspace_id"
          + " join lateral project_labels(r.project_id) p on true ";

  /** The owner of a row that was selected with {@link #COLUMNS}. */
  public static Owner of(Record row) {
    return new Owner(
        text(row, "owner_org"),
        text(row, "owner_workspace"),
        text(row, "owner_workspace_slug"),
        text(row, "owner_workspace_name"),
        text(row, "owner_project"),
        text(row, "owner_project_slug"),
        text(row, "owner_project_name"),
        row.get("owner_external_workspace", String.class),
        row.get("owner_external_user", String.class),
        row.get("owner_external_project", String.class));
  }

  private static String text(Record row, String column) {
    return row.get(column, String.class);
  }
}
