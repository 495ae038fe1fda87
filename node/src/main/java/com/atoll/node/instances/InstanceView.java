package com.atoll.node.instances;

/**
 * An instance at a moment.
 *
 * @param record what is kept of it
 * @param health how it is
 * @param address of its workload, or empty
 * @param incarnation of its workload
 * @param reason why it is unhealthy, or empty
 * @param loopbackOnly whether it answers on 127.0.0.1 only
 */
public record InstanceView(
    InstanceRecord record,
    Health health,
    String address,
    long incarnation,
    String reason,
    boolean loopbackOnly) {}
