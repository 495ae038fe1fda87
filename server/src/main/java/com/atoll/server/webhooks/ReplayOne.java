package com.atoll.server.webhooks;

import com.atoll.server.http.Doc;
import org.jspecify.annotations.Nullable;

/** Body of the replay of one delivery. */
record ReplayOne(
    @Doc(value = "Names this wish: the same name a second time is refused.", min = 1, max = 255)
        @Nullable String replayId) {}
