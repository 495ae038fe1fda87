package com.atoll.node.guest;

/**
 * The last lines of a process's output.
 *
 * @param output both streams as they came
 */
// Bytes are handed on, never compared.
@SuppressWarnings("ArrayRecordComponent")
public record Tail(byte[] output, byte[] stdout, byte[] stderr) {}
