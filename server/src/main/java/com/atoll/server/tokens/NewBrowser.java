package com.atoll.server.tokens;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A browser token for a set of sandboxes that is to be made. */
record NewBrowser(
    @Doc(value = "The sandboxes that it reaches: ids or slugs.", min = 1, max = 100)
        List<String> sandboxIds,
    @Doc(
            value = "What the browser may do: exec, files, terminal, preview; all when left out.",
            max = 4)
        @Nullable List<String> scopes,
    @Doc(value = "Seconds until it ends; 300 when left out.", min = 1, max = 86_400)
        @JsonAlias("expires_in_seconds")
        @Nullable Integer expiresIn) {}
