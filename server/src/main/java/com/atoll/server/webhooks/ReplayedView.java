package com.atoll.server.webhooks;

import com.atoll.server.http.Doc;
import org.jspecify.annotations.Nullable;

/** What a replay of many has queued. */
record ReplayedView(
    @Doc("How many deliveries were queued.") int queued,
    @Doc("Whether there is more: ask again with after_id.") boolean hasMore,
    @Doc("The event to go on after.") @Nullable String afterId) {}
