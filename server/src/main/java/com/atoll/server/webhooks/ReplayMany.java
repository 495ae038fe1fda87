package com.atoll.server.webhooks;

import com.atoll.server.http.Doc;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Body of a replay of many. */
record ReplayMany(
    @Doc(
            value =
                "dead: the deliveries that were given up. events: every event of the log that the"
                    + " webhook wants, delivered or not.",
            pattern = "dead|events")
        @Nullable String source,
    @Doc(value = "Only these deliveries.", max = 1_000) @Nullable List<String> deliveryIds,
    @Doc(value = "Only what follows this event.", max = 64) @Nullable String afterId,
    @Doc(value = "Only up to and with this event.", max = 64) @Nullable String untilId,
    @Doc("Only what was made since.") java.time.@Nullable Instant since,
    @Doc("Only what was made until then.") java.time.@Nullable Instant until,
    @Doc(value = "How many at most; 1000 when absent.", min = 1, max = 1_000)
        @Nullable Integer limit) {}
