package com.atoll.server.tokens;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonAlias;
import org.jspecify.annotations.Nullable;

/** A token that is to last longer. */
record Renewal(
    @Doc(
            value = "Seconds from now until it ends; those of a new one when left out.",
            min = 1,
            max = 86_400)
        @JsonAlias("expires_in_seconds")
        @Nullable Integer expiresIn) {}
