package com.atoll.server.deployments;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Port numbers in commands and programs. */
final class Ports {
  private static final Pattern COMMAND =
      Pattern.compile(
          "(?:--port[= ]|--bind[= ]\\S*:|-b \\S*:|-p[ =]|-l |\\bPORT=|http\\.server |:)(\\d{2,5})\\b");
  private static final Pattern PROGRAM =
      Pattern.compile("(?i)(?:port\\W{0,4}=\\W{0,3}|listen\\(\\s*|\\|\\|\\s*|,\\s*)(\\d{4,5})\\b");

  private Ports() {}

  static Optional<Integer> inCommand(String command) {
    return first(COMMAND.matcher(command));
  }

  static Optional<Integer> inProgram(String text) {
    return first(PROGRAM.matcher(text));
  }

  /** Where such programs listen unless they are told otherwise; PORT tells many of them. */
  static int usual(String command) {
    if (command.matches("(?s).*\\b(npm|node|npx|yarn|pnpm|bun|next)\\b.*")) {
      return 3000;
    }
    return command.matches("(?s).*\\b(python3?|uvicorn|gunicorn|flask|hypercorn)\\b.*")
        ? 8000
        : 8080;
  }

  private static Optional<Integer> first(Matcher matcher) {
    while (matcher.find()) {
      int port = Integer.parseInt(matcher.group(1));
      if (port > 0 && port < 65_536) {
        return Optional.of(port);
      }
    }
    return Optional.empty();
  }
}
