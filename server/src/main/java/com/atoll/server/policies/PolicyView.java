package com.atoll.server.policies;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A policy: what is set at one tier. Keys that this server does not enforce are kept as they are.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record PolicyView(
    @Doc(
            "max_timeout_sec and max_idle_timeout_sec (seconds), always_on_allowed (true or false) bound the"
                + " lifetime of sandboxes.")
        @Nullable Map<String, Object> lifecycle,
    @Doc(
            "requests_per_minute and requests_per_minute_per_group set the limits of requests of an"
                + " organization; requests_per_minute also that of a workspace.")
        @Nullable Map<String, Object> quotas,
    @Doc(
            "allowed_sizes (list of names), max_cpu_count, max_memory_mb and max_disk_size_mb bound the shape"
                + " of sandboxes.")
        @Nullable Map<String, Object> sizing,
    @Doc("Switches, each true or false; nested_virtualization false keeps KVM from sandboxes.")
        @Nullable Map<String, Object> features,
    @Doc("Mode, default effect and allow list of what sandboxes reach.")
        @Nullable Map<String, Object> egress,
    @Doc("When the policy was last set; absent when there is none.") @Nullable Instant updatedAt) {

  /** No policy. */
  static final PolicyView NONE = new PolicyView(null, null, null, null, null, null);
}
