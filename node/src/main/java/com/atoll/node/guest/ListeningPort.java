package com.atoll.node.guest;

/**
 * A TCP port that something in the sandbox listens on.
 *
 * @param pid 0 when unknown
 */
public record ListeningPort(int port, boolean loopbackOnly, long pid) {}
