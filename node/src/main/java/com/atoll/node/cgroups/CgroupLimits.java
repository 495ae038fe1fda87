package com.atoll.node.cgroups;

/**
 * What a workload may use. 0 means as much as all workloads together.
 *
 * @param cpuMillis 1000 is one CPU
 * @param memoryMb memory; swap is never added to it
 * @param pids processes and threads
 */
public record CgroupLimits(int cpuMillis, long memoryMb, int pids) {}
