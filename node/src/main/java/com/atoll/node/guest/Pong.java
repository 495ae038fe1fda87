package com.atoll.node.guest;

/** What an agent says about itself. */
public record Pong(int protocol, String agent, long uptimeMs, int processes) {}
