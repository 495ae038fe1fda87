package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether a deployment serves, check by check. */
record ProofView(
    @Doc("Whether all checks passed.") boolean ok,
    @Doc("The deployment.") DeploymentView deployment,
    @Doc("Product: miosa_deploy.") String deploymentProduct,
    @Doc("Where it is served.") String publicUrl,
    @Doc("The checks.") List<Check> checks,
    @Doc("What to do next.") List<String> nextActions) {

  /** One check. */
  record Check(
      @Doc("Name of the check.") String id,
      @Doc("Whether it passed.") boolean ok,
      @Doc("What was found.") String message,
      @Doc("What mends it.") @Nullable String recovery) {}
}
