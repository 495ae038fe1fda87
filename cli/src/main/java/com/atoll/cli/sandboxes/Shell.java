package com.atoll.cli.sandboxes;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.console.Terminal;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "shell",
    description = {
      "Opens a terminal in a sandbox; `exit` or Ctrl-D ends it, with the exit code of the shell.",
      "A connection that breaks is made again, and nothing is lost or shown twice."
    },
    footer = {
      "",
      "Examples:",
      "  atoll sandbox shell demo",
      "  atoll sandbox shell demo --cwd /etc"
    })
final class Shell extends ApiCommand {
  /** The name of a terminal: it goes into the path of a file there. */
  private static final Pattern PLAUSIBLE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9+._-]{0,63}");

  @Parameters(paramLabel = "SANDBOX", description = "Its id, slug or name.")
  private String id = "";

  @Option(
      names = {"-w", "--cwd"},
      description = "Folder to start in; /workspace when absent.")
  private @Nullable String cwd;

  @Option(
      names = "--shell",
      description = "The program; bash when absent, or sh where there is none.")
  private @Nullable String shell;

  @Option(
      names = "--session",
      paramLabel = "ID",
      description = "Joins an open terminal, beside whoever else looks at it.")
  private @Nullable String session;

  Shell(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    id = Names.resolve(api(), id);
    try (Terminal terminal = Terminal.open()) {
      boolean opened = session == null;
      String terminalId = session == null ? open(terminal.size().orElse(Terminal.USUAL)) : session;
      Thread hangUp = new Thread(() -> close(terminalId), "hang-up");
      if (opened) {
        Runtime.getRuntime().addShutdownHook(hangUp);
      }
      String path =
          Sandboxes.path(id, "/terminal/stream?cursor=true&session_id=" + Api.escape(terminalId));
      int code =
          new ShellSession(
                  terminal::size,
                  session().input(),
                  output().out(),
                  (listener, cursor) ->
                      api().socket(path + (cursor == null ? "" : "&after=" + cursor), listener))
              .run();
      if (opened) {
        Runtime.getRuntime().removeShutdownHook(hangUp);
      }
      return code;
    }
  }

  private String open(Terminal.Size size) {
    ObjectNode body = Json.object().put("cols", size.columns()).put("rows", size.rows());
    if (cwd != null) {
      body.put("cwd", cwd);
    }
    if (shell != null) {
      body.put("shell", shell);
    }
    ObjectNode env = body.putObject("env");
    pass("TERM", env);
    pass("COLORTERM", env);
    return Json.text(
        Json.unwrap(api().postOnce(Sandboxes.path(id, "/terminal"), body)), "session_id");
  }

  /** What the caller's terminal can do, if its environment says so. */
  private void pass(String name, ObjectNode env) {
    String value = session().environment().getOrDefault(name, "");
    if (PLAUSIBLE.matcher(value).matches()) {
      env.put(name, value);
    }
  }

  /** When this program is ended from outside, so is its shell. */
  private void close(String terminalId) {
    try {
      api().delete(Sandboxes.path(id, "/terminal/" + Api.escape(terminalId)));
    } catch (ApiException alreadyGone) {
      return;
    }
  }
}
