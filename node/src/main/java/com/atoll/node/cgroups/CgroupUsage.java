package com.atoll.node.cgroups;

/**
 * What a workload uses.
 *
 * @param cpuMicros CPU time since its start
 * @param memoryBytes memory without reclaimable file cache
 * @param memoryLimitBytes its limit
 * @param memoryPeakBytes the highest memory with cache since its start
 * @param processes processes and threads
 */
public record CgroupUsage(
    long cpuMicros, long memoryBytes, long memoryLimitBytes, long memoryPeakBytes, int processes) {}
