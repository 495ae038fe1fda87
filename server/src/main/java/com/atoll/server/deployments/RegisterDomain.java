package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonAlias;
import org.jspecify.annotations.Nullable;

/** Body of registering a domain. */
record RegisterDomain(
    @Doc(value = "Host name.", min = 1, max = 253) @JsonAlias("domain") String fqdn,
    @Doc(
            value = "Kind of what it shows; only deployment in this release.",
            pattern = "deployment|computer|sandbox")
        @Nullable String targetType,
    @Doc(value = "What it shows.", max = 128) @Nullable String targetId,
    @Doc(
            value = "none (default), www_to_apex or apex_to_www; only none in this release.",
            pattern = "none|www_to_apex|apex_to_www")
        @Nullable String redirectPolicy,
    @Doc(value = "The customer's workspace.", min = 1, max = 256)
        @Nullable String externalWorkspaceId,
    @Doc(value = "The customer's user.", min = 1, max = 256) @Nullable String externalUserId,
    @Doc(value = "The customer's project.", min = 1, max = 256)
        @Nullable String externalProjectId) {}
