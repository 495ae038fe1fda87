package com.atoll.server.webhooks;

import com.atoll.server.http.Doc;
import org.jspecify.annotations.Nullable;

/** Body of a rotation. */
record NewSecret(
    @Doc(value = "The new secret; made when absent.", min = 16, max = 255) @Nullable String secret,
    @Doc(
            value =
                "For how many seconds the old secret signs too; a day when absent, at most a week.",
            min = 0,
            max = 604_800)
        @Nullable Integer overlapSeconds) {}
