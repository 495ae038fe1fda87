package com.atoll.server.webhooks;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Body of a create. */
record NewWebhook(
    @Doc(value = "Where deliveries go: an https URL with a public address.", min = 1, max = 2_048)
        String url,
    @Doc(
            value = "Types of events; a star stands for anything, as in sandbox.*.",
            min = 1,
            max = 100)
        List<String> events,
    @Doc(value = "Name.", max = 128) @Nullable String name,
    @Doc(
            value = "Secret that signs deliveries; made when absent. It is shown once.",
            min = 16,
            max = 255)
        @Nullable String secret,
    @Doc("Whether events are sent; true when absent.") @Nullable Boolean active,
    @Doc("Whether events are sent one at a time and in their order; false when absent.")
        @Nullable Boolean ordered,
    @Doc(value = "More headers of each delivery.", max = 20) @Nullable Map<String, String> headers,
    @Doc(
            value =
                "How often a delivery is tried again; all ten times within 72 hours when absent.",
            min = 0,
            max = Schedule.RETRIES)
        @Nullable Integer retryCount,
    @Doc(value = "Version of the deliveries' form: v1.", max = 20) @Nullable String apiVersion,
    @JsonUnwrapped WantedAttributes attributes,
    @Doc("Free data of the caller.") @Nullable Map<String, Object> metadata) {}
