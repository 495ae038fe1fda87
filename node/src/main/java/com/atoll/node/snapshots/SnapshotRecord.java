package com.atoll.node.snapshots;

import com.atoll.node.workloads.WorkloadRecord.Origin;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot, as it lies on disk.
 *
 * @param id its id
 * @param origin template, image and the frozen tree
 * @param bytes what its files take on disk, much of it shared; 0 where the kernel does not count
 * @param pauseMicros how long the workload stood still for it
 * @param createdMs when it was taken
 * @param memoryBytes what its processes take on disk; null when it has files alone
 */
public record SnapshotRecord(
    String id,
    Origin origin,
    long bytes,
    long pauseMicros,
    long createdMs,
    @Nullable Long memoryBytes) {

  /** The image of its processes, which has the name of its tree; null when it has none. */
  @Nullable String memory() {
    return memoryBytes == null ? null : origin.tree();
  }

  /** The same under another id, on an image that may have another digest here. */
  public SnapshotRecord as(String newId, String imageDigest) {
    Origin here =
        new Origin(
            origin.templateId(), imageDigest, Snapshots.treeOf(newId), origin.inheritedBytes());
    return new SnapshotRecord(newId, here, bytes, pauseMicros, createdMs, memoryBytes);
  }

  /** The same of files alone. */
  SnapshotRecord withoutMemory() {
    return new SnapshotRecord(id, origin, bytes, pauseMicros, createdMs, null);
  }
}
