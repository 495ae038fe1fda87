package com.atoll.server.sandboxes;

import org.jspecify.annotations.Nullable;

/**
 * What a fork has of its source besides files and services.
 *
 * @param egress what the guards of its source keep of it; null for nothing
 */
record Kept(Env env, @Nullable String egress) {}
