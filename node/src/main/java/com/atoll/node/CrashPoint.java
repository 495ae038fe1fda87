package com.atoll.node;

import com.atoll.platform.CrashPoints;

/** Every place of this process where a test may end it; {@code NodeMain --list-crash-points}. */
public enum CrashPoint {
  /** A claim holds a started machine; nothing is recorded. */
  CREATE_STARTED("node.create.after-start"),
  /** Limits, name and environment are applied; nothing is recorded. */
  CREATE_APPLIED("node.create.after-apply"),
  /** The workload is recorded; the caller has no answer. */
  CREATE_RECORDED("node.create.after-record"),
  /** The lease is ended in the record; the caller has no answer. */
  CREATE_CONFIRMED("node.create.after-confirm"),
  /** The record says that the workload is being destroyed. */
  DELETE_MARKED("node.delete.after-mark"),
  /** Its processes are gone. */
  DELETE_KILLED("node.delete.after-kill"),
  /** Its tree is dropped. */
  DELETE_DROPPED("node.delete.after-drop"),
  /** Its record is gone; the caller has no answer. */
  DELETE_FORGOTTEN("node.delete.after-record"),
  /** The tree of a release is frozen; the release is not recorded. */
  PUBLISH_FROZEN("node.publish.after-freeze"),
  /** The release is recorded. */
  PUBLISH_RECORDED("node.publish.after-record"),
  /** The static files are copied below their temporary name. */
  PUBLISH_COPIED("node.publish.after-copy"),
  /** The static files have their final name; the release does not say so. */
  PUBLISH_EXPORTED("node.publish.after-export"),
  /** An instance is recorded and not started. */
  PUBLISH_INSTANCE_RECORDED("node.publish.after-instance-record"),
  /** An instance has a machine; its command is not started. */
  PUBLISH_INSTANCE_STARTED("node.publish.after-instance-start"),
  /** A build is recorded and has no machine. */
  BUILD_RECORDED("node.build.after-record"),
  /** A step has run; its files are not kept. */
  BUILD_STEP_RUN("node.build.after-step"),
  /** The files of a step are frozen; nothing says so. */
  BUILD_STEP_FROZEN("node.build.after-step-freeze"),
  /** The image is frozen; it is not certified. */
  BUILD_FROZEN("node.build.after-freeze"),
  /** The image has booted and is ready; it has no record. */
  BUILD_CERTIFIED("node.build.after-certify"),
  /** The image is kept; its build is not recorded as ready. */
  BUILD_KEPT("node.build.after-keep"),
  /** The tree of a volume is made; the volume is not recorded. */
  VOLUME_MADE("node.volume.after-tree"),
  /** A volume is recorded; the caller has no answer. */
  VOLUME_RECORDED("node.volume.after-record"),
  /** A workload's record names a volume that is not mounted. */
  VOLUME_ATTACHED("node.volume.after-attach"),
  /** A workload's record names a volume that is not mounted any more. */
  VOLUME_DETACHED("node.volume.after-detach"),
  /** The record of a volume is gone; its tree is there. */
  VOLUME_FORGOTTEN("node.volume.after-forget"),
  /** The processes of a workload stand still; its record says that they run. */
  PAUSE_FROZEN("node.pause.after-freeze"),
  /** The record of a workload says that it stands still; the caller has no answer. */
  PAUSE_RECORDED("node.pause.after-record"),
  /** The record of a workload says that it is stopped; its processes are there. */
  PAUSE_STOPPED("node.pause.after-stop-record"),
  /** The processes of a workload run again; its record says that they stand still. */
  PAUSE_THAWED("node.pause.after-thaw"),
  /** A stopped workload has a machine again; its record says that it has none. */
  PAUSE_RESTARTED("node.pause.after-restart"),
  /** The tree of a workload that is being started may hold more than its record says. */
  ROOM_LENT("node.pause.after-room"),
  /** A workload's traffic is held back otherwise than its record says. */
  EGRESS_GUARDED("node.egress.after-guard"),
  /** The record says so too; the caller has no answer. */
  EGRESS_RECORDED("node.egress.after-record"),
  /** The tree of a snapshot is frozen; the snapshot is not recorded. */
  SNAPSHOT_FROZEN("node.snapshot.after-freeze"),
  /** A snapshot is recorded; the caller has no answer. */
  SNAPSHOT_RECORDED("node.snapshot.after-record"),
  /** The record of a snapshot is gone; its tree is there. */
  SNAPSHOT_FORGOTTEN("node.snapshot.after-forget"),
  /** The processes of a snapshot are on disk; nothing says so. */
  MEMORY_KEPT("node.memory.after-keep"),
  /** The processes of a workload that is being paused are on disk; nothing says so. */
  MEMORY_WRITTEN("node.memory.after-write"),
  /** Their image is whole; the record says that they run. */
  MEMORY_SEALED("node.memory.after-seal"),
  /** The record says that they are on disk; they run too. */
  MEMORY_ASLEEP("node.memory.after-sleep"),
  /** A machine stands where they were; the record says that they are on disk. */
  MEMORY_STARTED("node.memory.after-start"),
  /** The record says that they run; they stand still. */
  MEMORY_AWAKE("node.memory.after-wake"),
  /** They run; their image is there. */
  MEMORY_MOVED_ON("node.memory.after-move-on"),
  /** Some of a snapshot is on its way into the archive. */
  ARCHIVE_BEGUN("node.archive.after-begin"),
  /** Its data are in the archive; its manifest is not. */
  ARCHIVE_DATA("node.archive.after-data"),
  /** The data of an image are in the archive; its manifest is not. */
  ARCHIVE_IMAGE("node.archive.after-image-data"),
  /** Its manifest is in the archive; the caller has no answer. */
  ARCHIVE_WRITTEN("node.archive.after-manifest"),
  /** It is noted as one that the archive alone has; its tree is there. */
  EVICT_NOTED("node.archive.after-evict-note"),
  /** A tree has begun to arrive from the archive. */
  RESTORE_BEGUN("node.archive.after-arrival-begin"),
  /** All trees have arrived; none is kept. */
  RESTORE_ARRIVED("node.archive.after-arrival"),
  /** An image has come with a snapshot, which is not here yet. */
  RESTORE_IMAGE("node.archive.after-image-arrival"),
  /** The tree is kept; the snapshot is not recorded. */
  RESTORE_ADOPTED("node.archive.after-adopt"),
  /** The snapshot is recorded; the caller has no answer. */
  RESTORE_RECORDED("node.archive.after-record"),
  /** The manifest is gone from the archive; the data are there. */
  ARCHIVE_FORGOTTEN("node.archive.after-forget");

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
