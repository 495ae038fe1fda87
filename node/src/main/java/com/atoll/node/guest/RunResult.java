package com.atoll.node.guest;

/**
 * How a command ended.
 *
 * @param exitCode 128 + n for signal n, 124 for its time-out
 * @param outOfMemory whether the guest saw that the kernel killed it for memory
 * @param stdoutCut whether {@code stdout} is only the beginning
 * @param stderrCut whether {@code stderr} is only the beginning
 */
// Bytes are handed on, never compared.
@SuppressWarnings("ArrayRecordComponent")
public record RunResult(
    int exitCode,
    boolean timedOut,
    boolean outOfMemory,
    long durationMicros,
    long pid,
    byte[] stdout,
    boolean stdoutCut,
    byte[] stderr,
    boolean stderrCut) {}
