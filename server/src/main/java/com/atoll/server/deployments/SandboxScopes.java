package com.atoll.server.deployments;

import com.atoll.model.Principal;
import org.jspecify.annotations.Nullable;

/**
 * What a deployment takes of a sandbox needs the scope that the sandbox itself asks for: published
 * files are read by everybody, a build runs in the sandbox, and a start on a copy of its files.
 */
final class SandboxScopes {
  static final String READ = "sandboxes:read";
  private static final String EXEC = "sandboxes:exec";

  private SandboxScopes() {}

  /** Refuses a publish of a sandbox to who may not read it, or not run what it brings. */
  static void require(Principal who, PublishInput input) {
    who.requireScope(READ);
    if (input.runsCommands()) {
      who.requireScope(EXEC);
    }
  }

  /**
   * Refuses commands for a deployment to who may run none in sandboxes: whoever publishes later
   * brings none, and is not asked again.
   */
  static void requireForCommands(Principal who, @Nullable String build, @Nullable String run) {
    if (PublishInput.isLine(build) || PublishInput.isLine(run)) {
      who.requireScope(EXEC);
    }
  }
}
