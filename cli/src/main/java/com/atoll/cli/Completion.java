package com.atoll.cli;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "completion",
    description = "Prints a completion script.",
    footer = {
      "",
      "Examples:",
      "  source <(atoll completion bash)",
      "  atoll completion zsh > ~/.zsh/atoll && echo 'source ~/.zsh/atoll' >> ~/.zshrc"
    })
final class Completion extends ApiCommand {
  enum ShellName {
    bash,
    zsh
  }

  @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
  private ShellName shell = ShellName.bash;

  Completion(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    CommandLine root = Atoll.commands(session());
    String script = AutoComplete.bash("atoll", root);
    output()
        .out()
        .print(
            switch (shell) {
              case bash -> script;
              case zsh ->
                  "autoload -U +X compinit && compinit\n"
                      + "autoload -U +X bashcompinit && bashcompinit\n"
                      + script;
            });
    output().out().flush();
    return 0;
  }
}
