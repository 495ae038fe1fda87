package com.atoll.server.deployments;

import org.jspecify.annotations.Nullable;

/**
 * What a publish asks for; everything that is null is inferred.
 *
 * @param kind auto, static or dynamic
 * @param outputPath the directory to publish
 * @param entrypoint the first page of static files, or the program to run
 */
record PublishInput(
    String kind,
    String environment,
    @Nullable String outputPath,
    @Nullable String entrypoint,
    @Nullable String buildCommand,
    @Nullable String runCommand,
    @Nullable Integer port,
    @Nullable String healthPath) {

  static PublishInput of(PublishDeployment asked) {
    return new PublishInput(
        kind(asked.kind()),
        environment(asked.environment()),
        asked.outputPath(),
        asked.entrypoint(),
        asked.buildCommand(),
        asked.runCommand(),
        asked.port(),
        asked.healthCheckPath());
  }

  static PublishInput of(DeploySandbox asked) {
    return new PublishInput(
        kind(asked.kind()),
        environment(asked.environment()),
        asked.outputPath(),
        asked.entrypoint(),
        asked.buildCommand(),
        asked.runCommand(),
        asked.port(),
        asked.healthCheckPath());
  }

  /**
   * Whether it brings a line of shell of its own: what only starts a file of the sandbox does not.
   */
  boolean runsCommands() {
    boolean entry =
        entrypoint != null && !entrypoint.endsWith(".html") && !Guess.isProgram(entrypoint);
    return entry || isLine(buildCommand) || isLine(runCommand);
  }

  static boolean isLine(@Nullable String command) {
    return command != null && !command.isBlank();
  }

  /** The same, with the commands of its deployment where it names none. */
  PublishInput completed(Deployment deployment) {
    return new PublishInput(
        kind,
        environment,
        outputPath,
        entrypoint,
        buildCommand == null ? deployment.buildCommand() : buildCommand,
        runCommand == null ? deployment.runCommand() : runCommand,
        port,
        healthPath);
  }

  private static String kind(@Nullable String asked) {
    return asked == null ? "auto" : asked;
  }

  private static String environment(@Nullable String asked) {
    return asked == null ? "production" : asked;
  }
}
