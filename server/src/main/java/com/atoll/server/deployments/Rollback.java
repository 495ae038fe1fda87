package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import org.jspecify.annotations.Nullable;

/** Body of a rollback. */
record Rollback(
    @Doc(value = "Version to serve; the ready one before the active one when absent.", max = 128)
        @Nullable String versionId) {}
