package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A custom domain as the API shows it. */
record DomainView(
    @Doc("Id.") String id,
    @Doc("Organization.") String tenantId,
    @Doc("Host name.") String fqdn,
    @Doc("Same as fqdn.") String domain,
    @Doc("Deployment it shows.") @Nullable String deploymentId,
    @Doc("Kind of what it shows.") @Nullable String targetType,
    @Doc("What it shows.") @Nullable String targetId,
    @Doc("Status: pending until it is verified.") String status,
    @Doc("none.") String redirectPolicy,
    @Doc("Where to point it.") String verificationTarget,
    @Doc("What to do.") String instructions,
    @Doc("The DNS record: type, name, value.") Map<String, String> dnsInstructions,
    @Doc("The customer's workspace.") @Nullable String externalWorkspaceId,
    @Doc("The customer's user.") @Nullable String externalUserId,
    @Doc("The customer's project.") @Nullable String externalProjectId,
    @Doc("When it was attached.") @Nullable Instant createdAt,
    @Doc("When it last changed.") @Nullable Instant updatedAt) {}
