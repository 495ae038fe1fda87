package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A publish as the API shows it. */
record PublishView(
    @Doc("The deployment.") DeploymentView deployment,
    @Doc("The new version.") VersionView version,
    @Doc("Its release.") @Nullable ReleaseView release,
    @Doc("What serves it.") List<ServiceView> services,
    @Doc("Whether the version serves.") boolean promoted,
    @Doc("Id of the deployment.") String deploymentId,
    @Doc("Id of the version.") String versionId,
    @Doc("Where it is served.") String publicUrl,
    @Doc("Same as public_url.") String url,
    @Doc("building, or the state of the deployment.") String state,
    @Doc("Product: miosa_deploy.") String deploymentProduct) {}
