package com.atoll.cli.deployments;

import com.atoll.cli.console.Session;
import com.atoll.cli.http.Api;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code atoll deployments}: the group and its commands. */
@Command(
    name = "deployments",
    aliases = {"deployment", "dep"},
    mixinStandardHelpOptions = true,
    description = "See and steer what is published.",
    footer = {
      "",
      "Examples:",
      "  atoll deployments ls",
      "  atoll deployments logs dep_… --follow",
      "  atoll deployments rollback dep_…"
    })
public final class Deployments implements Runnable {
  private final CommandLine line = new CommandLine(this);

  private Deployments() {}

  /** The group with all its commands. */
  public static CommandLine commands(Session session) {
    return new Deployments()
        .line
        .addSubcommand(new ListDeployments(session))
        .addSubcommand(new GetDeployment(session))
        .addSubcommand(new Versions(session))
        .addSubcommand(new Rollback(session))
        .addSubcommand(new Promote(session))
        .addSubcommand(new DeploymentLogs(session))
        .addSubcommand(new RemoveDeployment(session));
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(line, "say which: atoll deployments ls, get, logs, …");
  }

  static String path(String id, String rest) {
    return "/deployments/" + Api.escape(id) + rest;
  }
}
