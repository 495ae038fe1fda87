package com.atoll.cli.console;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** A command that only holds others. Alone it says which there are. */
public abstract class Group implements Runnable {
  private @Nullable CommandLine line;

  /** The group with these commands. */
  protected final CommandLine with(List<Object> commands) {
    CommandLine group = new CommandLine(this);
    commands.forEach(group::addSubcommand);
    line = group;
    return group;
  }

  @Override
  public final void run() {
    CommandLine group = Objects.requireNonNull(line);
    String name = group.getCommandSpec().qualifiedName(" ");
    String known =
        group.getSubcommands().values().stream()
            .map(CommandLine::getCommandName)
            .distinct()
            .collect(Collectors.joining(", "));
    throw new CommandLine.ParameterException(group, "say which: " + name + " " + known);
  }
}
