package com.atoll.server.tokens;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A delegation token that is to be made. */
record NewScoped(
    @Doc(value = "End user that it acts for and is confined to.", min = 1, max = 200) String userId,
    @Doc(value = "The only workspace that it reaches: id or slug.", min = 1, max = 128)
        String workspaceId,
    @Doc(value = "Seconds until it ends, at most 86400; 3600 when left out.", min = 1, max = 86_400)
        @JsonAlias("expires_in")
        @Nullable Integer expiresInSeconds,
    @Doc(value = "Its scopes; those of the caller when left out.", max = 64)
        @Nullable List<String> scopes,
    @Doc(value = "The only sandboxes that it reaches: ids or slugs.", min = 1, max = 100)
        @Nullable List<String> sandboxIds,
    @Doc(
            value =
                "How many requests it may make, those of tokens that it mints included; taken from"
                    + " the budget of the caller when that has one.",
            min = 1,
            max = 100_000_000)
        @Nullable Integer maxRequests) {}
