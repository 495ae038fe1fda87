package com.atoll.server.tokens;

import com.atoll.server.http.Doc;
import org.jspecify.annotations.Nullable;

/** What a ticket is for; it works for every stream of the organization. */
record NewTicket(
    @Doc(value = "Kind of the resource that will be followed.", max = 100)
        @Nullable String resourceType,
    @Doc(value = "Id of that resource.", max = 200) @Nullable String resourceId) {}
