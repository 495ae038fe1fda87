package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A variable as the API shows it. */
record EnvView(
    @Doc("Name.") String key,
    @Doc("Its value, masked.") String preview,
    @Doc("Environment.") String environment,
    @Doc("When it was set.") @Nullable Instant updatedAt) {}
