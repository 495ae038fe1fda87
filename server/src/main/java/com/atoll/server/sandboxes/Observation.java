package com.atoll.server.sandboxes;

import org.jspecify.annotations.Nullable;

/**
 * How a machine was started.
 *
 * @param sandbox as it is since, with its address and incarnation
 * @param bootPath null when it was not started, only seen
 * @param bootMs how long that took
 * @param awaited whether it is ready only once its probe has passed
 */
record Observation(Sandbox sandbox, @Nullable String bootPath, int bootMs, boolean awaited) {}
