package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.List;
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
    @Doc(
            "pending; failed: its DNS does not say that it is yours; verified: it does; active: it also"
                + " leads here and shows the deployment.")
        String status,
    @Doc("none.") String redirectPolicy,
    @Doc("Where to point it; told to you only, so that pointing it there is a proof.")
        String verificationTarget,
    @Doc("What to do.") String instructions,
    @Doc("The DNS record: type, name, value.") Map<String, String> dnsInstructions,
    @Doc(
            "Records to set: the one that leads here, and a TXT record, which is needed where the"
                + " first is no CNAME.")
        List<DomainRecord> records,
    @Doc("Since when its DNS says that it is yours; it is routed from then on.")
        @Nullable Instant verifiedAt,
    @Doc("When its DNS was last looked at.") @Nullable Instant lastCheckedAt,
    @Doc("What was not right then.") @Nullable String error,
    @Doc("Null: its certificate is made by the installation's own authority when asked for.")
        @Nullable Instant tlsIssuedAt,
    @Doc("The customer's workspace.") @Nullable String externalWorkspaceId,
    @Doc("The customer's user.") @Nullable String externalUserId,
    @Doc("The customer's project.") @Nullable String externalProjectId,
    @Doc("When it was attached.") @Nullable Instant createdAt,
    @Doc("When it last changed.") @Nullable Instant updatedAt) {}
