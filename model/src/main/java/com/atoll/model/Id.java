package com.atoll.model;

/** A typed id: a prefix that names the kind, an underscore, 26 characters that sort by time. */
public sealed interface Id
    permits OrganizationId,
        WorkspaceId,
        ProjectId,
        KeyId,
        SandboxId,
        DeploymentId,
        VersionId,
        RequestId {
  /** The id as it travels. */
  String value();
}
