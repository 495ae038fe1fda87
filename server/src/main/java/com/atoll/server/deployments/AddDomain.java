package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonAlias;
import org.jspecify.annotations.Nullable;

/** Body of attaching a domain. */
record AddDomain(
    @Doc(value = "Host name.", min = 1, max = 253) @JsonAlias("fqdn") String domain,
    @Doc(
            value = "none (default), www_to_apex or apex_to_www; only none in this release.",
            pattern = "none|www_to_apex|apex_to_www")
        @Nullable String redirectPolicy,
    @Doc(value = "The customer's workspace.", min = 1, max = 256)
        @Nullable String externalWorkspaceId,
    @Doc(value = "The customer's user.", min = 1, max = 256) @Nullable String externalUserId,
    @Doc(value = "The customer's project.", min = 1, max = 256)
        @Nullable String externalProjectId) {}
