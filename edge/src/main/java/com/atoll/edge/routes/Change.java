package com.atoll.edge.routes;

import com.atoll.edge.CrashPoint;
import com.atoll.platform.CrashPoints;
import org.jspecify.annotations.Nullable;

/** What a message of the feed is a part of; each step of taking it in is a crash point. */
enum Change {
  CREATE(
      CrashPoint.CREATE_RECEIVED,
      CrashPoint.CREATE_APPLIED,
      null,
      CrashPoint.CREATE_SAVED,
      CrashPoint.CREATE_ACKNOWLEDGED),
  PUBLISH(
      CrashPoint.PUBLISH_RECEIVED,
      CrashPoint.PUBLISH_APPLIED,
      CrashPoint.PUBLISH_DRAINED,
      CrashPoint.PUBLISH_SAVED,
      CrashPoint.PUBLISH_ACKNOWLEDGED),
  DELETE(
      CrashPoint.DELETE_RECEIVED,
      CrashPoint.DELETE_APPLIED,
      CrashPoint.DELETE_CUT,
      CrashPoint.DELETE_SAVED,
      CrashPoint.DELETE_ACKNOWLEDGED),
  DELETE_DEPLOYMENT(
      CrashPoint.DELETE_DEPLOYMENT_RECEIVED,
      CrashPoint.DELETE_DEPLOYMENT_APPLIED,
      CrashPoint.DELETE_DEPLOYMENT_DRAINED,
      CrashPoint.DELETE_DEPLOYMENT_SAVED,
      CrashPoint.DELETE_DEPLOYMENT_ACKNOWLEDGED),
  EGRESS(
      CrashPoint.EGRESS_RECEIVED,
      CrashPoint.EGRESS_APPLIED,
      null,
      CrashPoint.EGRESS_SAVED,
      CrashPoint.EGRESS_ACKNOWLEDGED),
  /** A wake, a new instance of the same version and the like; everything, outside tests. */
  OTHER(null, null, null, null, null);

  private final @Nullable CrashPoint received;
  private final @Nullable CrashPoint applied;
  private final @Nullable CrashPoint left;
  private final @Nullable CrashPoint saved;
  private final @Nullable CrashPoint acknowledged;

  Change(
      @Nullable CrashPoint received,
      @Nullable CrashPoint applied,
      @Nullable CrashPoint left,
      @Nullable CrashPoint saved,
      @Nullable CrashPoint acknowledged) {
    this.received = received;
    this.applied = applied;
    this.left = left;
    this.saved = saved;
    this.acknowledged = acknowledged;
  }

  /** What it is that this route takes the place of {@code before}. */
  static Change upsert(@Nullable Route before, Route route) {
    if (!CrashPoints.enabled()) {
      return OTHER;
    }
    return switch (route) {
      case Route.Sandbox sandbox -> before == null ? CREATE : OTHER;
      case Route.StaticSite site ->
          before instanceof Route.StaticSite same && same.versionId().equals(site.versionId())
              ? OTHER
              : PUBLISH;
      case Route.Instances site ->
          before instanceof Route.Instances same && same.versionId().equals(site.versionId())
              ? OTHER
              : PUBLISH;
      case Route.Stopped site -> OTHER;
      case Route.Domain own -> OTHER;
      case Route.Egress egress -> EGRESS;
    };
  }

  /** What it is that this route goes. */
  static Change removal(@Nullable Route before) {
    if (!CrashPoints.enabled()) {
      return OTHER;
    }
    return switch (before) {
      case null -> OTHER;
      case Route.Sandbox sandbox -> DELETE;
      case Route.Site site -> DELETE_DEPLOYMENT;
      case Route.Domain own -> OTHER;
      case Route.Egress egress -> OTHER;
    };
  }

  void received() {
    reach(received);
  }

  void applied() {
    reach(applied);
  }

  /** Nothing of this process leads to who was behind the route before. */
  void left() {
    reach(left);
  }

  void saved() {
    reach(saved);
  }

  void acknowledged() {
    reach(acknowledged);
  }

  private static void reach(@Nullable CrashPoint point) {
    if (point != null) {
      point.reach();
    }
  }
}
