package com.atoll.node.guest;

/**
 * A process that was started in the sandbox; {@code pid} names it.
 *
 * @param stopped whether it ended after a signal that was to end it
 * @param endedUnixMs 0 while it runs
 * @param lastSequence of its newest output record
 */
public record GuestProcess(
    long pid,
    String name,
    String command,
    boolean running,
    int exitCode,
    boolean timedOut,
    boolean outOfMemory,
    boolean stopped,
    long startedUnixMs,
    long endedUnixMs,
    long lastSequence) {}
