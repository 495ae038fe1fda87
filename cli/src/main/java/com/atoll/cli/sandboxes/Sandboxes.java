package com.atoll.cli.sandboxes;

import com.atoll.cli.console.Session;
import com.atoll.cli.http.Api;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code atoll sandbox}: the group and its commands. */
@Command(
    name = "sandbox",
    aliases = {"sandboxes", "sbx"},
    mixinStandardHelpOptions = true,
    description = "Create, use and remove sandboxes.",
    footer = {
      "",
      "Examples:",
      "  atoll sandbox create --name demo",
      "  atoll sandbox exec demo -- python3 -c 'print(1)'",
      "  atoll sandbox cp ./app demo:/workspace",
      "  atoll sandbox preview demo 8000",
      "  atoll sandbox code demo 'x = 6; x * 7'",
      "  atoll sandbox shell demo"
    })
public final class Sandboxes implements Runnable {
  private final CommandLine line = new CommandLine(this);

  private Sandboxes() {}

  /** The group with all its commands. */
  public static CommandLine commands(Session session) {
    return new Sandboxes()
        .line
        .addSubcommand(new Create(session))
        .addSubcommand(new ListAll(session))
        .addSubcommand(new Get(session))
        .addSubcommand(exec(session))
        .addSubcommand(new Shell(session))
        .addSubcommand(new Copy(session))
        .addSubcommand(new Code(session))
        .addSubcommand(new Logs(session))
        .addSubcommand(new Usage(session))
        .addSubcommand(new Fork(session))
        .addSubcommand(new Preview(session))
        .addSubcommand(Change.pause(session))
        .addSubcommand(Change.resume(session))
        .addSubcommand(new Remove(session));
  }

  /** Options of the command to run need no {@code --} before them unless they are ours too. */
  private static CommandLine exec(Session session) {
    return new CommandLine(new Exec(session)).setUnmatchedOptionsArePositionalParams(true);
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(line, "say which: atoll sandbox create, ls, exec, …");
  }

  static String path(String id, String rest) {
    return "/sandboxes/" + Api.escape(id) + rest;
  }
}
