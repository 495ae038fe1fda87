package com.atoll.server.webhooks;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Body of a change. What is absent stays. */
record WebhookChange(
    @Doc(value = "Where deliveries go.", min = 1, max = 2_048) @Nullable String url,
    @Doc(value = "Types of events; replaces the old ones.", min = 1, max = 100)
        @Nullable List<String> events,
    @Doc(value = "Name.", max = 128) @Nullable String name,
    @Doc(value = "A new secret; the old one signs too for 24 hours.", min = 16, max = 255)
        @Nullable String secret,
    @Doc("Whether events are sent; true also ends what disabled it.") @Nullable Boolean active,
    @Doc("Whether events are sent one at a time and in their order.") @Nullable Boolean ordered,
    @Doc(value = "More headers of each delivery; replaces the old ones.", max = 20)
        @Nullable Map<String, String> headers,
    @Doc(value = "How often a delivery is tried again.", min = 0, max = Schedule.RETRIES)
        @Nullable Integer retryCount,
    @Doc(value = "Version of the deliveries' form: v1.", max = 20) @Nullable String apiVersion,
    @JsonUnwrapped WantedAttributes attributes,
    @Doc("Free data; replaces the old one.") @Nullable Map<String, Object> metadata) {}
