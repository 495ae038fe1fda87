package com.atoll.edge;

import com.atoll.platform.CrashPoints;

/** Where a test may end the edge while a create, a publish or a delete passes through it. */
public enum CrashPoint {
  /** What was served is told to the server. */
  TRAFFIC_SENT("edge.traffic.after-send"),
  /** The server has written it down; on disk it is not known to be told. */
  TRAFFIC_COUNTED("edge.traffic.before-note"),

  /** The server has the request; the client has no answer. */
  CREATE_FORWARDED("edge.create.after-forward"),
  /** The server has answered; the client has nothing of it. */
  CREATE_ANSWERED("edge.create.before-answer"),
  /** The route of a new sandbox was read from the feed. */
  CREATE_RECEIVED("edge.create.after-receive"),
  /** It is in the table, and not on disk. */
  CREATE_APPLIED("edge.create.after-apply"),
  /** It is on disk, and not acknowledged. */
  CREATE_SAVED("edge.create.after-save"),
  /** It is acknowledged. */
  CREATE_ACKNOWLEDGED("edge.create.after-acknowledge"),

  /** The server has the request; the client has no answer. */
  PUBLISH_FORWARDED("edge.publish.after-forward"),
  /** The server has answered; the client has nothing of it. */
  PUBLISH_ANSWERED("edge.publish.before-answer"),
  /** The route of a new version was read from the feed. */
  PUBLISH_RECEIVED("edge.publish.after-receive"),
  /** It is in the table; connections lead to the version before. */
  PUBLISH_APPLIED("edge.publish.after-apply"),
  /** No connection leads to the version before; the new route is not on disk. */
  PUBLISH_DRAINED("edge.publish.after-drain"),
  /** It is on disk, and not acknowledged. */
  PUBLISH_SAVED("edge.publish.after-save"),
  /** It is acknowledged: the version before may be stopped. */
  PUBLISH_ACKNOWLEDGED("edge.publish.after-acknowledge"),

  /** The server has the request; the client has no answer. */
  DELETE_FORWARDED("edge.delete.after-forward"),
  /** The server has answered; the client has nothing of it. */
  DELETE_ANSWERED("edge.delete.before-answer"),
  /** The end of a sandbox's route was read from the feed. */
  DELETE_RECEIVED("edge.delete.after-receive"),
  /** The route is out of the table; connections lead to the sandbox. */
  DELETE_APPLIED("edge.delete.after-apply"),
  /** No connection leads to the sandbox; on disk the route is still there. */
  DELETE_CUT("edge.delete.after-cut"),
  /** The route is gone from disk too, which is not acknowledged. */
  DELETE_SAVED("edge.delete.after-save"),
  /** It is acknowledged: the address may be given to another sandbox. */
  DELETE_ACKNOWLEDGED("edge.delete.after-acknowledge"),

  /** The server has the request; the client has no answer. */
  DELETE_DEPLOYMENT_FORWARDED("edge.delete.deployment-after-forward"),
  /** The server has answered; the client has nothing of it. */
  DELETE_DEPLOYMENT_ANSWERED("edge.delete.deployment-before-answer"),
  /** The end of a deployment's route was read from the feed. */
  DELETE_DEPLOYMENT_RECEIVED("edge.delete.deployment-after-receive"),
  /** The route is out of the table; connections lead to the instances. */
  DELETE_DEPLOYMENT_APPLIED("edge.delete.deployment-after-apply"),
  /** No connection leads to the instances; on disk the route is still there. */
  DELETE_DEPLOYMENT_DRAINED("edge.delete.deployment-after-drain"),
  /** The route is gone from disk too, which is not acknowledged. */
  DELETE_DEPLOYMENT_SAVED("edge.delete.deployment-after-save"),
  /** It is acknowledged. */
  DELETE_DEPLOYMENT_ACKNOWLEDGED("edge.delete.deployment-after-acknowledge"),

  /** What a sandbox may reach was read from the feed. */
  EGRESS_RECEIVED("edge.egress.after-receive"),
  /** It is in the table, and not on disk. */
  EGRESS_APPLIED("edge.egress.after-apply"),
  /** It is on disk, and not acknowledged. */
  EGRESS_SAVED("edge.egress.after-save"),
  /** It is acknowledged. */
  EGRESS_ACKNOWLEDGED("edge.egress.after-acknowledge");

  private final String point;

  CrashPoint(String point) {
    this.point = point;
  }

  /** The name that a test writes into the crash file. */
  public String point() {
    return point;
  }

  /** Ends the process here when a test asked for it. */
  public void reach() {
    CrashPoints.reach(point);
  }
}
