package com.atoll.server.deployments;

import com.atoll.platform.CrashPoints;

/** Where a test may end the server while it publishes or deletes. */
public enum CrashPoint {
  /** The version is committed; nothing was done for it. */
  PUBLISH_AFTER_COMMIT("server.publish.after-commit"),
  /** The plan is committed. */
  PUBLISH_AFTER_PLAN("server.publish.after-plan"),
  /** The node has the release; the row does not say so. */
  PUBLISH_AFTER_FREEZE("server.publish.after-freeze"),
  /** The row of an instance is committed; the node knows nothing of it. */
  PUBLISH_AFTER_INSTANCE("server.publish.after-instance"),
  /** It could serve; the row does not say so. */
  PUBLISH_AFTER_STAGE("server.publish.after-stage"),
  /** The new version is active in the row; the gateways have the old route. */
  PUBLISH_AFTER_FLIP("server.publish.after-flip"),
  /** The gateways have the new route; the old instance runs. */
  PUBLISH_AFTER_ROUTE("server.publish.after-route"),
  /** The deployment is deleted in its row only. */
  DELETE_AFTER_COMMIT("server.delete.deployment-after-commit"),
  /** Its instances are stopped; its releases are there. */
  DELETE_AFTER_INSTANCES("server.delete.deployment-after-instances"),
  /** Nothing of it is on a machine; its row is there. */
  DELETE_AFTER_RELEASES("server.delete.deployment-after-releases");

  private final String wire;

  CrashPoint(String wire) {
    this.wire = wire;
  }

  /** The name in the crash file. */
  public String wire() {
    return wire;
  }

  void reach() {
    CrashPoints.reach(wire);
  }
}
