package com.atoll.server.meters;

import java.time.Instant;

/**
 * What a sandbox had used at a moment.
 *
 * @param cpuMicros CPU time in all
 * @param receivedBytes bytes received in all
 * @param sentBytes bytes sent in all
 */
record Sample(
    Instant at,
    long cpuMicros,
    long receivedBytes,
    long sentBytes,
    long memoryBytes,
    long diskBytes,
    int processes) {}
