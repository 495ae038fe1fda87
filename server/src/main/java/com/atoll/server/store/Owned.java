package com.atoll.server.store;

import java.util.Map;
import org.jooq.Record;

/**
 * What belongs to a sandbox, a project or a workspace has its owners and its attribution: an event
 * about it carries those that the owner has at the time.
 */
public enum Owned {
  /** Something of a sandbox. */
  SANDBOX(
      """
      select workspace_id, project_id, external_workspace_id, external_user_id, external_project_id
      from sandboxes where id = ?\
      """),
  /** Something of a project, or the project itself. */
  PROJECT(
      """
      select workspace_id, id as project_id, external_workspace_id, external_user_id,
        external_project_id
      from projects where id = ?\
      """),
  /** Something of a workspace, or the workspace itself. */
  WORKSPACE(
      """
      select id as workspace_id, null as project_id, external_workspace_id, external_user_id,
        null as external_project_id
      from workspaces where id = ?\
      """);

  private final String query;

  Owned(String query) {
    this.query = query;
  }

  /**
   * An event with the owners and the attribution of this owner; with none when it is not there.
   *
   * @param owner id of the sandbox, project or workspace
   */
  public Event event(
      Tx tx,
      String owner,
      String type,
      String resourceType,
      String resourceId,
      long version,
      Map<String, ?> data) {
    Record row = tx.sql().fetchOne(query, owner);
    if (row == null) {
      return Event.of(type, resourceType, resourceId, version, data);
    }
    return new Event(
        type,
        resourceType,
        resourceId,
        version,
        row.get("workspace_id", String.class),
        row.get("project_id", String.class),
        row.get("external_workspace_id", String.class),
        row.get("external_user_id", String.class),
        row.get("external_project_id", String.class),
        data);
  }
}
