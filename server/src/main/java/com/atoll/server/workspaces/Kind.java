package com.atoll.server.workspaces;

import java.util.Locale;

/** The kinds of resources that a workspace owns, each with its table. */
enum Kind {
  /** Projects; what they own is listed under its own kind. */
  PROJECTS("projects", "project", "prj", "true", "''", "/projects/"),
  /** Sandboxes. */
  SANDBOXES("sandboxes", "sandbox", "sbx", "state <> 'destroyed'", "state", "/sandboxes/"),
  /** Deployments. */
  DEPLOYMENTS("deployments", "deployment", "dep", "deleted_at is null", "state", "/deployments/"),
  /** Volumes. */
  VOLUMES("volumes", "volume", "vol", "status <> 'deleting'", "status", "/volumes/"),
  /** Snapshots of sandboxes. */
  SNAPSHOTS(
      "snapshots",
      "snapshot",
      "snap",
      "status not in ('deleted', 'failed')",
      "status",
      "/snapshots/"),
  /** Servers of the Model Context Protocol. */
  TOOL_SERVERS("tool_servers", "tool_server", "mcp", "true", "status", "/mcp-servers/");

  private final String table;
  private final String resourceType;
  private final String prefix;
  private final String there;
  private final String state;
  private final String path;

  Kind(String table, String resourceType, String prefix, String there, String state, String path) {
    this.table = table;
    this.resourceType = resourceType;
    this.prefix = prefix;
    this.there = there;
    this.state = state;
    this.path = path;
  }

  String table() {
    return table;
  }

  /** How events name it. */
  String resourceType() {
    return resourceType;
  }

  /** The condition of rows that are not gone. */
  String there() {
    return there;
  }

  /** The expression of a row's state. */
  String state() {
    return state;
  }

  /** Where its resources are, before their ids. */
  String path() {
    return path;
  }

  /** The expression of a row's name. */
  String label() {
    return this == SNAPSHOTS ? "coalesce(comment, '')" : "name";
  }

  /** Whether its resources belong to projects. */
  boolean hasProject() {
    return this != PROJECTS && this != TOOL_SERVERS;
  }

  /** Whether a row says when it was last changed. */
  boolean saysWhenChanged() {
    return this != SANDBOXES;
  }

  /** The expression of the attribution that events carry. */
  String attribution() {
    return this == TOOL_SERVERS
        ? "null as external_workspace_id, null as external_user_id, null as external_project_id"
        : "external_workspace_id, external_user_id, external_project_id";
  }

  boolean names(String id) {
    return id.startsWith(prefix + "_");
  }

  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
