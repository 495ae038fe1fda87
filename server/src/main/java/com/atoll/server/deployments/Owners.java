package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.store.Tx;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Finds the workspace and the project that a deployment belongs to. */
final class Owners {
  private Owners() {}

  static Owner of(Tx tx, Principal principal, CreateDeployment asked) {
    Record workspace = null;
    if (asked.workspaceId() != null) {
      workspace = workspace(tx, "id = ?", asked.workspaceId());
    } else if (asked.workspaceSlug() != null) {
      workspace = workspace(tx, "slug = ?", asked.workspaceSlug());
    } else if (asked.workspaceName() != null) {
      workspace = workspace(tx, "name = ?", asked.workspaceName());
    }
    Record project;
    if (asked.projectId() != null) {
      project = project(tx, workspace, "id = ?", asked.projectId());
    } else if (asked.projectSlug() != null) {
      project = project(tx, workspace, "slug = ?", asked.projectSlug());
    } else if (asked.projectName() != null) {
      project = project(tx, workspace, "name = ?", asked.projectName());
    } else {
      Record in = workspace == null ? workspace(tx, "is_default = (? = '')", "") : workspace;
      project = project(tx, in, "(is_default or ? = '')", "");
    }
    return new Owner(
        principal.org(),
        principal.key().value(),
        Rows.text(project, "workspace_id"),
        Rows.text(project, "id"),
        asked.externalWorkspaceId(),
        user(principal, asked.externalUserId()),
        asked.externalProjectId());
  }

  /** The workspace with this id. */
  static String workspace(Tx tx, String id) {
    return Rows.text(workspace(tx, "id = ?", id), "id");
  }

  /** The project to use in a workspace. */
  static String projectIn(Tx tx, String workspace) {
    return Rows.text(
        project(tx, workspace(tx, "id = ?", workspace), "(is_default or ? = '')", ""), "id");
  }

  private static Record workspace(Tx tx, String condition, String argument) {
    Record row =
        tx.sql()
            .fetchOne(
                "select id from workspaces where " + condition + " order by id limit 1", argument);
    if (row == null) {
      throw AtollException.of(
          ErrorCode.WORKSPACE_NOT_FOUND, argument.isEmpty() ? "default" : argument);
    }
    return row;
  }

  private static Record project(
      Tx tx, @Nullable Record workspace, String condition, String argument) {
    String in = workspace == null ? null : Rows.text(workspace, "id");
    Record row =
        tx.sql()
            .fetchOne(
                "select id, workspace_id from projects where (?::text is null or workspace_id = ?)"
                    + " and "
                    + condition
                    + " order by is_default desc, id limit 1",
                in,
                in,
                argument);
    if (row == null) {
      throw AtollException.of(
          ErrorCode.PROJECT_NOT_FOUND, argument.isEmpty() ? "in the workspace" : argument);
    }
    return row;
  }

  static @Nullable String user(Principal principal, @Nullable String asked) {
    String confined = principal.externalUser();
    if (confined != null && asked != null && !confined.equals(asked)) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the key acts for another external user");
    }
    return confined == null ? asked : confined;
  }
}
