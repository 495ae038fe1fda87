package com.atoll.cli.sandboxes;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.console.Terminal;
import com.atoll.cli.http.Api;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "shell",
    description = "Opens a terminal in a sandbox; `exit` or Ctrl-D ends it.",
    footer = {
      "",
      "Examples:",
      "  atoll sandbox shell demo",
      "  atoll sandbox shell demo --cwd /etc"
    })
final class Shell extends ApiCommand {
  @Parameters(paramLabel = "SANDBOX", description = "Its id, slug or name.")
  private String id = "";

  @Option(
      names = {"-w", "--cwd"},
      description = "Folder to start in; /workspace when absent.")
  private @Nullable String cwd;

  @Option(names = "--shell", description = "The program; /bin/bash when absent.")
  private @Nullable String shell;

  Shell(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    id = Names.resolve(api(), id);
    try (Terminal terminal = Terminal.open()) {
      Terminal.Size size = terminal.size();
      String query =
          "?cols="
              + size.columns()
              + "&rows="
              + size.rows()
              + (cwd == null ? "" : "&cwd=" + Api.escape(cwd))
              + (shell == null ? "" : "&shell=" + Api.escape(shell));
      return new ShellSession(terminal, session().input(), output().out())
          .run(listener -> api().socket(Sandboxes.path(id, "/terminal/stream" + query), listener));
    }
  }
}
