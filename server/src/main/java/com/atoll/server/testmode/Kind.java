package com.atoll.server.testmode;

/** What is made in test mode and ends by itself; what is in use goes before what it uses. */
public enum Kind {
  /** Deployments, with their versions and instances. */
  DEPLOYMENTS("deployments", "deleted_at is null"),
  /** Snapshots, also kept and named ones. */
  SNAPSHOTS("snapshots", "status <> 'deleted'"),
  /** Sandboxes in whatever state. */
  SANDBOXES("sandboxes", "state <> 'destroyed'"),
  /** Volumes. */
  VOLUMES("volumes", "status <> 'deleting'"),
  /** The organization's own templates, with their builds. */
  TEMPLATES("sandbox_templates", "true");

  private final String table;
  private final String there;

  Kind(String table, String there) {
    this.table = table;
    this.there = there;
  }

  String table() {
    return table;
  }

  /** The condition of rows that are not gone. */
  String there() {
    return there;
  }
}
