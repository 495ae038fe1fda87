package com.atoll.server.sandboxes;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a fork has of its source besides files and services.
 *
 * @param egress what the guards of its source keep of it; null for nothing
 * @param ports those of its source that are not open to everybody
 */
record Kept(Env env, @Nullable String egress, List<KeptPort> ports) {}
