package com.atoll.server.billing;

import com.atoll.server.http.Doc;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The limits of the organization that a create would bill. */
record LimitsView(
    @Doc("Id of the organization.") String tenantId,
    @Doc("Most sandboxes; null when only the machine limits them.") @Nullable Integer maxSandboxes,
    @Doc("Most that run at once; null when only the machine limits them.")
        @Nullable Integer maxConcurrent,
    @Doc("Most gigabytes of disk and volumes; null when only the machine limits them.")
        @Nullable Integer maxStorageGb,
    @Doc("Requests in a minute for each workspace.") int requestsPerMinute,
    @Doc("What is used now.") Map<String, Integer> usage) {}
