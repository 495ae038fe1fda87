package com.atoll.node.workloads;

import com.atoll.node.cgroups.CgroupUsage;
import com.atoll.node.network.NetworkPool;

/**
 * What the machine of a workload has used.
 *
 * @param incarnation which of its machines, as its place counts
 * @param atMs until when, Unix milliseconds
 * @param usage by its control group
 * @param traffic over its network
 */
public record Consumption(
    long incarnation, long atMs, CgroupUsage usage, NetworkPool.Traffic traffic) {}
