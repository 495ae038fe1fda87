package com.atoll.server.tokens;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A browser token for one sandbox that is to be made. */
record NewOne(
    @Doc(
            value = "What the browser may do: exec, files, terminal, preview; all when left out.",
            max = 4)
        @Nullable List<String> scopes,
    @Doc(value = "Seconds until it ends; 300 when left out.", min = 1, max = 86_400)
        @JsonAlias("expires_in_seconds")
        @Nullable Integer expiresIn) {}
