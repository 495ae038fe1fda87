package com.atoll.node.snapshots;

import com.atoll.node.workloads.WorkloadRecord.Origin;

/**
 * A snapshot, as it lies on disk.
 *
 * @param id its id
 * @param origin template, image and the frozen tree
 * @param bytes what its files take on disk, much of it shared; 0 where the kernel does not count
 * @param pauseMicros how long the workload stood still for it
 * @param createdMs when it was taken
 */
public record SnapshotRecord(
    String id, Origin origin, long bytes, long pauseMicros, long createdMs) {}
